// Writing a message: its draft, its hints, sending.

import { fill } from "../lib/blocks.js";
import { choicesField, draftKey, forgetDraft, readDraft, writeDraft } from "../lib/drafts.js";
import { newId } from "../lib/ids.js";
import { list, text } from "../lib/strings.js";

const SLOW_MS = 400;

/**
 * Its form is "idle", "waiting" for its pictures, or "sending". What is sent leaves the box at once, so that one can
 * write on, and comes back where it is refused.
 */
class ChatComposer extends HTMLElement {
  #sent = null; // {client_id, conversation_id, after, text, images, choices} of a message that the server has not confirmed
  #lastSaid = null; // {id, words} of the last message that the thread shows
  #sendsNext = false; // what is in the box too, as soon as it has
  #isConnected = true;

  connectedCallback() {
    customElements.upgrade(this); // its parts first, also where this HTML was put into a page
    this.addEventListener("submit", this.#submitted);
    this.addEventListener("input", () => this.#typed());
    this.addEventListener("keydown", this.#keyPressed);
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

  /** Whether what was sent has not left this page. */
  get canHoldBack() {
    return this.state === "waiting" || (this.state === "sending" && this.#conversation.isUnsent(this.#sent));
  }

  /** Do not send after all. */
  holdBack() {
    if (this.state === "sending") this.#conversation.holdBack(this.#sent);
    else this.#become("idle", "");
    this.sendOrStop.takeFocus();
  }

  submit() {
    this.#sendsNext = this.state === "sending" && !this.#isEmpty;
    if (this.state !== "idle") return;
    const { words } = this.#box;
    const { failed } = this.#picker;
    if (failed.length) this.#pointAt(failed);
    else if (this.#picker.askFirst()) return;
    else if (this.#picker.isUploading) this.#become("waiting", text("uploads-running"));
    else if (words || this.#picker.count) this.#deliver(words);
    else this.#box.focus();
  }

  /** Put back what was taken out of the thread, before what is being written meanwhile. */
  take({ text: words, images, choices }) {
    this.#box.value = joined(words, this.#box.value);
    this.#picker.restore(images, choices);
    this.#edited();
    this.#box.focus();
  }

  /** The thread shows this message as the last one said: if it was sent from here, it has arrived. */
  said(message) {
    this.#lastSaid = message;
    const sent = this.#sent;
    if (this.state !== "idle" || !sent || !message) return;
    if (sent.text !== message.words || sent.after === message.id) return;
    this.#sent = null;
    this.#box.value = this.#box.words.slice(message.words.length).trimStart();
    this.#picker.forget(sent.images.map(({ id }) => id));
    this.#edited();
  }

  /** What `turn.submit` would send now. */
  get draft() {
    const { ids, ready: images, questionChoices: choices } = this.#picker;
    return { text: this.#box.words, image_ids: ids, ...choicesField({ images, choices }) };
  }

  /** The pictures of the draft, as [id, element]. */
  get pictures() {
    return this.#picker.pictures;
  }

  /**
   * Say what would not be sent, "" where all would. `offer` is the HTML of the same with a way on; `cost` is what all
   * pictures take together, and `tokens` their number.
   */
  previewed(note, offer = "", cost = "", tokens = 0) {
    const sum = this.querySelector("[data-cost]");
    sum.textContent = cost;
    sum.dataset.estimateTokens = tokens;
    this.querySelector("[data-hint]").textContent = offer ? "" : note;
    const shown = this.querySelector("[data-offer]");
    if (shown.dataset.offer === offer) return;
    const hadFocus = shown.contains(document.activeElement);
    shown.dataset.offer = offer;
    fill(shown, offer);
    if (hadFocus) this.sendOrStop.takeFocus();
  }

  takeFocus() {
    this.sendOrStop.takeFocus();
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

  get #pending() {
    return this.querySelector("[data-pending]");
  }

  get #conversation() {
    return this.closest("chat-conversation");
  }

  get #draftKey() {
    return draftKey(this.#conversation.dataset);
  }

  #become(state, words, kind) {
    this.#form.dataset.state = state;
    this.#pending.hidden = true;
    this.say(words, kind);
    this.#offerToHoldBack();
  }

  #offerToHoldBack() {
    this.querySelector("[data-hold-back]").hidden = !this.canHoldBack;
  }

  /** Show a sentence above the box, of kind "wrong" where something failed. */
  say(words, kind = "") {
    const note = this.querySelector("[data-composer-note]");
    note.textContent = words;
    note.dataset.kind = kind;
    this.#removeFailed.hidden = true;
  }

  #sayHowSendingGoes() {
    if (this.state !== "sending") return;
    this.say(text(this.#isConnected ? "sending" : "send-later"));
    const names = this.#sent.images.map(({ name }) => name);
    this.#pending.textContent = this.#sent.text || list(names);
    this.#pending.hidden = false;
    this.#offerToHoldBack();
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
    const key = this.#draftKey;
    const typed = this.#box.value;
    const { ready: images, questionChoices: choices } = this.#picker;
    const image_ids = images.map(({ id }) => id);
    if (!this.#isSent(words, images, choices)) {
      const { conversationId } = this.#conversation.dataset;
      const after = this.#lastSaid?.id ?? null;
      this.#sent = {
        client_id: newId(),
        conversation_id: conversationId,
        after,
        text: words,
        images,
        choices,
      };
    }
    this.#become("sending", "");
    this.#box.value = "";
    this.#picker.putAside(image_ids);
    const slow = setTimeout(() => this.#sayHowSendingGoes(), SLOW_MS);
    try {
      const { client_id } = this.#sent;
      await this.#conversation.submit({
        client_id,
        text: words,
        image_ids,
        ...choicesField({ images, choices }),
      });
      this.#arrived(key);
    } catch (refusal) {
      this.#refused(refusal, typed);
    } finally {
      clearTimeout(slow);
    }
  }

  /** Whether just this was sent before and may have arrived: then it keeps its ids. */
  #isSent(words, images, choices) {
    const asked = (pictures, chosen) =>
      JSON.stringify([pictures.map(({ id, choice = {} }) => [id, choice]), chosen ?? {}]);
    return (
      this.#sent?.text === words && asked(this.#sent.images, this.#sent.choices) === asked(images, choices)
    );
  }

  #arrived(key) {
    const sendsNext = this.#sendsNext;
    this.#become("idle", "");
    this.#sent = null;
    this.#picker.forgetAside();
    forgetDraft(key); // its first message may have given the conversation its own key
    this.#edited();
    if (sendsNext) this.submit();
  }

  /** Whoever is signed out finds the message here afterwards. It may have arrived, as one may that could not be saved:
   * then what is sent again is the same message. */
  #refused({ code, message }, typed) {
    const sent = this.#sent;
    const isSignedOut = code === "session.ended";
    this.#box.value = joined(typed, this.#box.value);
    this.#picker.bringBack(sent.choices);
    this.#become("idle", isSignedOut ? "" : message, "wrong");
    this.#sent = null;
    this.#edited(true);
    if (!isSignedOut && code !== "server.not_saved") return;
    this.#sent = sent;
    this.#save();
    if (isSignedOut) this.querySelector("connection-notice").takeFocus();
  }

  /** The arrow that brings back the last line of a terminal brings back the last question, where nothing else is meant. */
  #keyPressed(event) {
    const isArrowUp = event.key === "ArrowUp" && !event.isComposing && event.keyCode !== 229;
    const isFree = !this.#box.value && !this.#picker.count && this.#box.contains(event.target);
    if (!isArrowUp || !isFree || event.defaultPrevented || hasModifier(event)) return;
    const buttons = [...this.#conversation.querySelectorAll('[data-command="message.edit"]')];
    if (!buttons.length) return;
    event.preventDefault();
    buttons.at(-1).click();
  }

  /** Whoever writes on after Enter has not finished the next message. */
  #typed() {
    this.#sendsNext = false;
    this.#edited();
  }

  get #isEmpty() {
    return !this.#box.value.trim() && !this.#picker.count;
  }

  #edited(keepsNote = false) {
    if (this.state === "idle") {
      if (this.#sent) this.#conversation.beginAnew(); // in the other one the message that was sent may have arrived
      this.#sent = null;
      if (!keepsNote) this.say("");
    }
    this.#form.toggleAttribute("data-empty", this.#isEmpty);
    this.#save();
  }

  /** Keep what was sent and is not confirmed too: after a reload it stands in the box again. */
  #save() {
    const away = this.state === "sending" ? this.#sent : { text: "", images: [], choices: {} };
    writeDraft(this.#draftKey, {
      text: joined(away.text, this.#box.value),
      images: [...away.images, ...this.#picker.ready],
      choices: { ...away.choices, ...this.#picker.questionChoices },
      sent: this.#sent,
    });
  }

  #restore() {
    const draft = readDraft(this.#draftKey);
    if (draft) {
      this.#box.value = joined(draft.text, this.#box.value); // what was typed before this script was here
      this.#picker.restore(draft.images, draft.choices);
    }
    this.#edited();
    this.#sent = draft?.sent ?? null;
    this.#save();
  }
}

function hasModifier({ shiftKey, ctrlKey, metaKey, altKey }) {
  return shiftKey || ctrlKey || metaKey || altKey;
}

function joined(before, after) {
  return [before, after].filter((part) => part.trim()).join("\n\n");
}

customElements.define("chat-composer", ChatComposer);
