// Writing a message: its draft, its hints, sending.

import { draftKey, forgetDraft, readDraft, writeDraft } from "../lib/drafts.js";
import { newId } from "../lib/ids.js";
import { list, text } from "../lib/strings.js";

const SLOW_MS = 400;

/** Its form is "idle", "waiting" for its pictures, or "sending". */
class ChatComposer extends HTMLElement {
  #sent = null;
  #taken = [];
  #isConnected = true;

  connectedCallback() {
    customElements.upgrade(this); // its parts first, also where this HTML was put into a page
    this.addEventListener("submit", this.#submitted);
    this.addEventListener("input", () => this.#edited());
    this.addEventListener("uploads-changed", this.#picturesChanged);
    this.#removeFailed.addEventListener("click", () => this.#sendWithoutFailed());
    this.#restore();
  }

  suggest(words) {
    this.#box.value = words;
    this.#edited();
    if (!this.#picker.count) this.say(text("picture-needed"));
    this.#box.focus();
  }

  connected(isConnected) {
    this.#isConnected = isConnected;
    this.#sayHowSendingGoes();
  }

  running(isRunning) {
    this.sendOrStop.showStop(isRunning);
    if (!isRunning && this.state === "idle") this.say("");
  }

  /** Do not send when the pictures are there after all. */
  holdBack() {
    this.#become("idle", "");
  }

  submit() {
    if (this.state !== "idle") return;
    const { words } = this.#box;
    const { failed } = this.#picker;
    if (failed.length) this.#pointAt(failed);
    else if (this.#picker.isUploading) this.#become("waiting", text("uploads-running"));
    else if (words || this.#picker.count) this.#deliver(words);
    else this.#box.focus();
  }

  /** Put back what was taken out of the thread, before what is being written meanwhile. */
  take({ text: words, images }) {
    if (this.state === "sending") return void this.#taken.push({ text: words, images });
    this.#box.value = [words, this.#box.value].filter((part) => part.trim()).join("\n\n");
    this.#picker.restore(images);
    this.#edited();
    this.#box.focus();
  }

  /** The thread shows these words as the last ones said: a draft of them that was sent has arrived. */
  said(words) {
    if (this.state === "idle" && this.#sent && this.#box.words === words) this.#clear(this.#draftKey);
  }

  /** What `turn.submit` would send now. */
  get draft() {
    return { text: this.#box.words, image_ids: this.#picker.ids };
  }

  /** The pictures of the draft, as [id, element]. */
  get pictures() {
    return this.#picker.pictures;
  }

  /** Say what would not be sent, "" where all would. */
  previewed(note) {
    this.querySelector("[data-hint]").textContent = note;
  }

  get state() {
    return this.#form.dataset.state ?? "idle";
  }

  get sendOrStop() {
    return this.querySelector("send-or-stop");
  }

  get #form() {
    return this.querySelector("form");
  }

  get #box() {
    return this.querySelector("message-box");
  }

  get #picker() {
    return this.querySelector("image-picker");
  }

  get #removeFailed() {
    return this.querySelector("[data-remove-failed]");
  }

  get #conversation() {
    return this.closest("chat-conversation");
  }

  get #draftKey() {
    return draftKey(this.#conversation.dataset);
  }

  #become(state, words, kind) {
    this.#form.dataset.state = state;
    this.#box.isLocked = state === "sending";
    this.say(words, kind);
  }

  /** Show a sentence above the box, of kind "wrong" where something failed. */
  say(words, kind = "") {
    const note = this.querySelector("[data-composer-note]");
    note.textContent = words;
    note.dataset.kind = kind;
    this.#removeFailed.hidden = true;
  }

  #sayHowSendingGoes() {
    if (this.state === "sending") this.say(text(this.#isConnected ? "sending" : "send-later"));
  }

  #submitted(event) {
    event.preventDefault();
    this.submit();
  }

  #picturesChanged({ detail: { note } }) {
    this.#edited(note === null);
    if (note) this.say(note);
    if (this.state !== "waiting" || this.#picker.isUploading) return;
    this.#become("idle", note ?? "");
    this.submit();
  }

  #pointAt(failed) {
    const mayRetry = failed.some(({ canRetry }) => canRetry);
    const count = failed.length;
    const name = list(failed.map((upload) => upload.name));
    this.say(text(mayRetry ? "uploads-failed" : "uploads-refused", { name, count }), "wrong");
    this.#removeFailed.textContent = text("send-without-them", { count });
    this.#removeFailed.hidden = false;
    (mayRetry
      ? failed.find(({ canRetry }) => canRetry).element.querySelector("[data-retry]")
      : this.#removeFailed
    ).focus();
  }

  #sendWithoutFailed() {
    this.#picker.removeFailed();
    this.#box.focus();
    this.submit();
  }

  async #deliver(words) {
    const [key, image_ids] = [this.#draftKey, this.#picker.ids];
    this.#sent ??= { client_id: newId(), conversation_id: this.#conversation.dataset.conversationId };
    this.#become("sending", "");
    this.#save();
    const slow = setTimeout(() => this.#sayHowSendingGoes(), SLOW_MS);
    try {
      await this.#conversation.submit({ client_id: this.#sent.client_id, text: words, image_ids });
      this.#become("idle", "");
      this.#clear(key, image_ids);
    } catch (refusal) {
      this.#refused(refusal);
    } finally {
      clearTimeout(slow);
      for (const draft of this.#taken.splice(0)) this.take(draft);
    }
  }

  /** Whoever is signed out finds the message here afterwards; it may have arrived. */
  #refused({ code, message }) {
    const isSignedOut = code === "session.ended";
    if (!isSignedOut) this.#sent = null;
    this.#become("idle", isSignedOut ? "" : message, "wrong");
    if (isSignedOut) this.querySelector("connection-notice").takeFocus();
  }

  /** Forget what was sent; pictures that were attached meanwhile belong to the next message. */
  #clear(key, image_ids = this.#picker.ids) {
    this.#sent = null;
    this.#box.value = "";
    forgetDraft(key); // its first message may have given the conversation its own key
    this.#picker.forget(image_ids);
    this.#edited();
  }

  #edited(keepsNote = false) {
    if (this.state === "idle") {
      this.#sent = null;
      if (!keepsNote) this.say("");
    }
    this.#form.toggleAttribute("data-empty", !this.#box.value.trim() && !this.#picker.count);
    this.#save();
  }

  #save() {
    writeDraft(this.#draftKey, { text: this.#box.value, images: this.#picker.ready, sent: this.#sent });
  }

  #restore() {
    const draft = readDraft(this.#draftKey);
    if (draft) {
      this.#box.value = draft.text;
      this.#picker.restore(draft.images);
    }
    this.#edited();
    this.#sent = draft?.sent ?? null;
    this.#save();
  }
}

customElements.define("chat-composer", ChatComposer);
