// Writing a message: the box that grows, its pictures, its draft, sending.

import { forgetDraft, newId, readDraft, sendable, text, writeDraft } from "../lib/page.js";
import { ImagePicker } from "./image-picker.js";
import { StopButton, typesByTouch } from "./send-or-stop.js";

export class ChatComposer {
  #form;
  #box;
  #picker;
  #stopButton;
  #chat;
  #sent = null;
  #isConnected = true;

  /** `chat` gives `draftKey()`, `conversationId()`, and `submit(fields)` and `stop()`, which return promises. */
  constructor(form, chat) {
    this.#form = form;
    this.#chat = chat;
    this.#box = form.querySelector("[data-message]");
    this.#picker = new ImagePicker(form, (note) => this.#picturesChanged(note));
    this.#stopButton = new StopButton(form, chat.stop);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.#box.addEventListener("keydown", (event) => this.#keyPressed(event));
    this.#box.addEventListener("input", () => this.#edited());
    this.#restore();
    if (!typesByTouch.matches) this.#box.focus();
  }

  /** The focus was on something that is gone. */
  takeFocus() {
    this.#stopButton.takeFocus();
  }

  attach(files) {
    if (files.length) this.#picker.add(files);
  }

  suggest(words) {
    this.#box.value = words;
    this.#edited();
    this.#box.focus();
  }

  connected(isConnected) {
    this.#isConnected = isConnected;
    if (this.#state === "sending") this.#say(text(isConnected ? "sending" : "send-later"));
  }

  running(isRunning) {
    this.#stopButton.show(isRunning);
    if (!isRunning && this.#state === "idle") this.#say("");
  }

  /** Esc: withdraw a message that waits for its pictures, or else stop the answer. */
  escape() {
    if (this.#state === "waiting") this.#become("idle", "");
    else this.#stopButton.press();
  }

  submit() {
    if (this.#state !== "idle") return;
    const words = sendable(this.#box.value);
    const { failed } = this.#picker;
    if (this.#stopButton.isShown) this.#say(text("busy"));
    else if (failed) this.#pointAt(failed);
    else if (this.#picker.isUploading) this.#become("waiting", text("uploads-running"));
    else if (words || this.#picker.count) this.#deliver(words);
    else this.#box.focus();
  }

  /** The thread shows these words as the last ones said: a draft of them that was sent has arrived. */
  said(words) {
    if (this.#state === "idle" && this.#sent && sendable(this.#box.value) === words)
      this.#clear(this.#chat.draftKey());
  }

  get #state() {
    return this.#form.dataset.state ?? "idle";
  }

  #become(state, words, kind) {
    this.#form.dataset.state = state;
    this.#box.readOnly = state === "sending";
    this.#say(words, kind);
  }

  #say(words, kind = "") {
    const note = this.#form.querySelector("[data-composer-note]");
    note.textContent = words;
    note.dataset.kind = kind;
  }

  #picturesChanged(note) {
    this.#edited(note === null);
    if (note) this.#say(note);
    if (this.#state !== "waiting" || this.#picker.isUploading) return;
    this.#become("idle", note ?? "");
    this.submit();
  }

  #pointAt(failed) {
    this.#say(text(failed.canRetry ? "upload-failed" : "upload-refused", { name: failed.name }), "wrong");
    failed.element.querySelector("button:not([hidden])").focus();
  }

  async #deliver(words) {
    const [key, image_ids] = [this.#chat.draftKey(), this.#picker.ids];
    this.#sent ??= { client_id: newId(), conversation_id: this.#chat.conversationId() };
    this.#become("sending", "");
    this.#save();
    const slow = setTimeout(() => this.connected(this.#isConnected), 400);
    try {
      await this.#chat.submit({ client_id: this.#sent.client_id, text: words, image_ids });
      this.#become("idle", "");
      this.#clear(key, image_ids);
    } catch (refusal) {
      this.#refused(refusal);
    } finally {
      clearTimeout(slow);
    }
  }

  /** Whoever is signed out finds the message here afterwards; it may have arrived. */
  #refused({ code, message }) {
    const isSignedOut = code === "session.ended";
    if (!isSignedOut) this.#sent = null;
    this.#become("idle", isSignedOut ? "" : message || text("too-long"), "wrong");
    if (isSignedOut) document.querySelector("[data-connection-text] a")?.focus();
  }

  /** Forget what was sent; pictures that were attached meanwhile belong to the next message. */
  #clear(key, image_ids = this.#picker.ids) {
    this.#sent = null;
    this.#box.value = "";
    forgetDraft(key); // its first message may have given the conversation its own key
    this.#picker.forget(image_ids);
    this.#edited();
  }

  #keyPressed(event) {
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
    const isNewline =
      event.shiftKey || event.altKey || (typesByTouch.matches && !event.ctrlKey && !event.metaKey);
    if (isNewline) return;
    event.preventDefault();
    this.submit();
  }

  #edited(keepsNote = false) {
    if (this.#state === "idle") {
      this.#sent = null;
      if (!keepsNote) this.#say("");
    }
    const { count, usable } = this.#picker;
    const limit = Number(this.#form.dataset.imagesPerRequest);
    const hint = usable > limit ? text(limit === 1 ? "one-picture" : "some-pictures", { limit }) : "";
    this.#form.querySelector("[data-hint]").textContent = hint;
    this.#form.toggleAttribute("data-empty", !this.#box.value.trim() && !count);
    this.#grow();
    this.#save();
  }

  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.#box.style.height = "auto";
    this.#box.style.height = `${this.#box.scrollHeight}px`;
  }

  #save() {
    writeDraft(this.#chat.draftKey(), {
      text: this.#box.value,
      images: this.#picker.ready,
      sent: this.#sent,
    });
  }

  #restore() {
    const draft = readDraft(this.#chat.draftKey());
    if (draft) {
      this.#box.value = draft.text;
      this.#picker.restore(draft.images);
    }
    this.#edited();
    this.#sent = draft?.sent ?? null;
    this.#save();
  }
}
