// Editing a question in its place in the thread. What is written is kept by the browser, as a draft of the composer is.

import { announce } from "../lib/announce.js";
import { choicesField, editKey, forgetDraft, readDraft, showHere, writeDraft } from "../lib/drafts.js";
import { newId } from "../lib/ids.js";
import { list, text } from "../lib/strings.js";
import { notify } from "./toast-list.js";

const away = new Set(); // ids of questions whose article went while they were edited
const offers = new Map(); // by the id of a question: what takes away the offer to have dropped changes back

/** Edit the question of this article; where that is begun already, go on. */
export function edit(article) {
  (article.querySelector("message-editor") ?? open(article)).take(document.activeElement);
}

/** Go on with what was begun before the page was left. */
export function reopen(article) {
  if (!article.querySelector("message-editor")) open(article);
}

function open(article) {
  const { content } = document.querySelector("#message-editor");
  const editor = document.importNode(content, true).firstElementChild;
  const choices = JSON.parse(article.dataset.choices ?? "{}");
  const said = { text: article.querySelector("[data-body]").textContent, images: imagesOf(article), choices };
  article.dataset.editing = "";
  article.append(editor);
  editor.begin(said, readDraft(editor.key));
  return editor;
}

/** What is needed to show the pictures of a question in a picker. */
function imagesOf(article) {
  return [...article.querySelectorAll(":scope > .tiles [data-image]")].map((tile) => ({
    id: tile.dataset.image,
    name: tile.dataset.name,
    thumbnail_url: tile.querySelector("img").getAttribute("src"),
    notes: [],
    removed: tile.dataset.removed ? tile.dataset.removed.split(" · ") : [],
    choice: JSON.parse(tile.dataset.choice ?? "{}"),
  }));
}

class MessageEditor extends HTMLElement {
  #article;
  #conversation;
  #said; // {text, images, choices} of the question as it is
  #sent = null; // {client_id, text, image_ids, choices} of what was sent and is not confirmed
  #isWaiting = false; // for its pictures, to be sent
  #isSending = false;
  #isOver = false;
  #isFromComposer = false;

  connectedCallback() {
    this.#article = this.closest("[data-message-id]");
    this.#conversation = this.closest("chat-conversation");
    customElements.upgrade(this);
    this.addEventListener("submit", this.#submitted);
    this.addEventListener("keydown", this.#keyPressed);
    this.addEventListener("uploads-changed", this.#changed);
    this.addEventListener("input", this.#changed);
    this.querySelector("[data-cancel]").addEventListener("click", () => this.#cancel());
  }

  /** The article may go because another version is shown, by another tab too. */
  disconnectedCallback() {
    if (this.#isOver) return;
    delete this.#article.dataset.editing;
    if (!this.#isSending) this.#wait(text("edit-kept"));
  }

  /** What was written waits until the article is shown again; another tab may have emptied the storage. */
  #wait(notice) {
    this.#save();
    showHere(this.key, this.#isChanged);
    if (!this.#isChanged) return;
    away.add(this.#article.dataset.messageId);
    this.#conversation.addEventListener("thread-changed", reopenThoseBack);
    notify(notice);
  }

  /** Show the question as it is, or this draft of another. */
  begin(said, draft) {
    this.#said = said;
    this.#sent = draft?.sent ?? null;
    this.#show(draft ?? said);
    showHere(this.key, true);
  }

  /** Where what is written here is kept. */
  get key() {
    return editKey(this.#conversation.dataset, this.#article.dataset.messageId);
  }

  /** Take the focus, which goes back to the composer at the end where it came `from` there. */
  take(from) {
    const composer = this.#conversation.querySelector("chat-composer");
    this.#isFromComposer = composer.contains(from);
    this.takeFocus();
    this.#area.setSelectionRange(this.#area.value.length, this.#area.value.length);
    this.scrollIntoView({ block: "nearest", behavior: "instant" });
    this.#conversation.querySelector("thread-scroller").stay();
  }

  takeFocus() {
    this.#area.focus({ preventScroll: true });
  }

  get #area() {
    return this.querySelector("textarea");
  }

  get #box() {
    return this.querySelector("message-box");
  }

  get #picker() {
    return this.querySelector("image-picker");
  }

  get #isChanged() {
    return this.#box.words !== this.#said.text || asked(this.#written) !== asked(this.#said);
  }

  /** What is in the box now, as a draft. */
  get #written() {
    const { ready: images, questionChoices: choices } = this.#picker;
    return { text: this.#box.value, images, choices };
  }

  #show({ text: words, images, choices }) {
    this.#box.value = words;
    this.#picker.restore(images, choices);
  }

  #keyPressed(event) {
    if (event.key !== "Escape" || event.isComposing || event.keyCode === 229) return; // 229: Safari, composing
    event.preventDefault(); // or it would stop the answer
    this.#cancel();
  }

  /** What is written here is no draft of the composer: the conversation needs not hear of it. */
  #changed(event) {
    event.stopPropagation();
    if (this.#isSending || !this.#said) return;
    const waits = this.#isWaiting && event.type === "uploads-changed";
    this.#isWaiting = false;
    this.#say(event.detail?.note ?? "");
    this.#save();
    if (waits) this.#submit();
  }

  #save() {
    if (!this.#isChanged) return forgetDraft(this.key);
    writeDraft(this.key, { ...this.#written, sent: this.#sent });
  }

  #say(words) {
    this.querySelector("[data-note]").textContent = words;
  }

  /** Close; what was written can be had back for a moment. */
  #cancel() {
    if (this.#isSending) return;
    const [article, isChanged] = [this.#article, this.#isChanged];
    const { messageId } = article.dataset;
    const draft = this.#written;
    this.#close();
    if (this.#isFromComposer) this.#conversation.querySelector("chat-composer").takeFocus();
    else article.querySelector('[data-command="message.edit"]').focus({ preventScroll: true });
    if (!isChanged) return;
    offers.get(messageId)?.();
    offers.set(messageId, notify(text("edit-dropped"), { undo: () => resume(article, draft) }));
  }

  #close() {
    this.#isOver = true;
    this.#forget();
    delete this.#article.dataset.editing;
    this.remove();
  }

  #submitted(event) {
    event.preventDefault();
    if (!this.#isSending) this.#submit();
  }

  #submit() {
    const { failed, isUploading, count } = this.#picker;
    this.#isWaiting = isUploading && !failed.length;
    if (failed.length) this.#pointAt(failed);
    else if (this.#picker.askFirst()) return;
    else if (isUploading) this.#say(text("uploads-running"));
    else if (this.#box.words || count) this.#send();
    else this.#area.focus();
  }

  #pointAt(failed) {
    const name = list(failed.map((upload) => upload.name));
    const mayRetry = failed.some(({ canRetry }) => canRetry);
    this.#say(text(mayRetry ? "uploads-failed" : "uploads-refused", { name, count: failed.length }));
    failed[0].element.querySelector("[data-remove]").focus();
  }

  async #send() {
    const fields = { text: this.#box.words, image_ids: this.#picker.ids, ...choicesField(this.#written) };
    const { client_id, ...sent } = this.#sent ?? {};
    const isSentAgain = JSON.stringify(sent) === JSON.stringify(fields);
    this.#sent = { client_id: isSentAgain ? client_id : newId(), ...fields };
    writeDraft(this.key, { ...this.#written, text: fields.text, sent: this.#sent });
    this.#becomeSending(true);
    try {
      const { messageId: message_id } = this.#article.dataset;
      await this.#conversation.edit({ message_id, ...this.#sent });
      this.#arrived();
    } catch ({ code, message }) {
      this.#refused(code, message);
    }
  }

  #becomeSending(isSending) {
    this.#isSending = isSending;
    this.#area.readOnly = isSending;
    this.querySelector("[type=submit]").ariaDisabled = isSending || null;
    this.#say(isSending ? text("sending") : "");
  }

  /** The new version takes the place of the article, now or in a moment. */
  #arrived() {
    this.#forget();
    this.#isOver = true;
    offers.get(this.#article.dataset.messageId)?.();
  }

  #forget() {
    forgetDraft(this.key);
    showHere(this.key, false);
  }

  #refused(code, message) {
    this.#becomeSending(false);
    if (!this.isConnected) this.#wait(message);
    else if (code !== "session.ended") this.#say(message);
  }
}

/** Its pictures and what was chosen about them, to be compared. */
function asked({ images, choices = {} }) {
  return JSON.stringify([images.map(({ id, choice = {} }) => [id, choice]), choices]);
}

function resume(article, draft) {
  const shown = document.querySelector("chat-thread").find(article.dataset.messageId);
  if (!shown) return;
  shown.querySelector("message-editor")?.remove();
  const { dataset } = shown.closest("chat-conversation");
  writeDraft(editKey(dataset, shown.dataset.messageId), { ...draft, sent: null });
  edit(shown);
}

/** Go on with what was being edited when its article went, if that is shown again. */
function reopenThoseBack({ currentTarget: conversation }) {
  for (const id of away) {
    const article = conversation.querySelector("chat-thread").find(id);
    if (!article) continue;
    away.delete(id);
    if (readDraft(editKey(conversation.dataset, id))) reopen(article);
    announce(text("edit-back"));
  }
}

customElements.define("message-editor", MessageEditor);
