// What a reviewer writes at a message: labels and a note, a corrected answer, boxes on its pictures.

import "../lib/item-texts.js";
import { fetchText } from "../lib/http.js";
import { showOnTile } from "../lib/item-boxes.js";
import { send, wordOf } from "../lib/item-requests.js";
import { DRAFT_TEXTS, Keeper } from "../lib/keeper.js";
import { forgetSaved, isSame, readLocal, writeLocal } from "../lib/local-texts.js";
import { text } from "../lib/strings.js";

class ReviewNotes extends HTMLElement {
  #source = null; // the answer as the model wrote it
  #labels = this.#keeper("labels", (value) => this.#sendLabels(value));
  #correction = this.#keeper("correction", (value) => this.#sendCorrection(value));
  #isBegun = false;

  connectedCallback() {
    if (this.#isBegun) return; // moved
    this.#isBegun = true;
    this.addEventListener("click", ({ target }) => this.#clicked(target));
    this.addEventListener("keydown", (event) => this.#keyPressed(event));
    this.addEventListener("input", ({ target }) => this.#typed(target));
    this.addEventListener("change", ({ target }) => "newLabel" in target.dataset && this.#addLabel());
    this.#part("sent")?.addEventListener("toggle", () => this.#showSent());
    for (const boxes of this.querySelectorAll("[data-picture]")) showOnTile(boxes);
    this.#restore();
  }

  get canLabel() {
    return this.#part("label-form") !== null;
  }

  openLabels() {
    this.#toggle("label-form", "notes.label", true);
    this.#part("new-label").focus();
  }

  async openCorrection() {
    if (this.#source === null && !(await this.#fetchSource())) throw new Error("the answer did not come");
    const field = this.#part("correction");
    const isOpening = this.#part("correct-form").hidden;
    this.#toggle("correct-form", "notes.correct", true);
    if (isOpening) field.setSelectionRange(0, 0); // an answer is read from its beginning
    field.focus();
  }

  close() {
    for (const [form, command] of [
      ["label-form", "notes.label"],
      ["correct-form", "notes.correct"],
    ]) {
      if (this.#part(form).hidden) continue;
      this.#toggle(form, command, false);
      this.#button(command).focus();
    }
  }

  /** Take the correction back. */
  restoreSource() {
    this.#part("correction").value = this.#source;
    this.#typed(this.#part("correction"));
    this.#part("correction").focus();
  }

  /** The messages' address, with a slash at its end. */
  get address() {
    return `${this.closest("[data-thread]").dataset.messages}${this.dataset.message}/`;
  }

  #part(name) {
    return this.querySelector(`[data-${name}]`);
  }

  #button(command) {
    return this.querySelector(`[data-command="${command}"]`);
  }

  #toggle(form, command, isOpen) {
    this.#part(form).hidden = !isOpen;
    this.#button(command).ariaExpanded = String(isOpen);
  }

  #key(name) {
    const { person } = document.querySelector("review-item").dataset;
    return `item-${name}:${person}:${this.dataset.message}`;
  }

  #keeper(name, sent) {
    const sendAndForget = async (value) => {
      const word = wordOf(await sent(value));
      const isKept = word === "saved" && isSame(readLocal(this.#key(name)), value);
      if (isKept) forgetSaved(this.#key(name));
      return word;
    };
    return new Keeper({ send: sendAndForget, show: (word) => this.#say(word) });
  }

  #keep(name, value) {
    writeLocal(this.#key(name), value);
    (name === "labels" ? this.#labels : this.#correction).keep(value);
  }

  #say(word) {
    this.#part("notes-state").textContent = DRAFT_TEXTS[word] ? text(DRAFT_TEXTS[word]) : word;
  }

  /** What this browser has and the server has not. */
  #restore() {
    if (!this.canLabel) return;
    const labels = readLocal(this.#key("labels"));
    if (labels) {
      this.#part("labels").replaceChildren(...labels.labels.map((label) => this.#labelItem(label)));
      this.#part("message-note").value = labels.note;
      this.#labels.keep(labels);
    }
    const correction = readLocal(this.#key("correction"));
    if (correction) this.#correction.keep(correction);
  }

  #clicked(target) {
    const removed = target.closest("[data-remove-label]");
    if (!removed) return;
    removed.closest("li").remove();
    this.#keepLabels();
    this.openLabels();
  }

  #keyPressed(event) {
    if (event.key === "Escape" && !event.isComposing) {
      event.preventDefault();
      event.stopPropagation();
      return this.close();
    }
    if (!("newLabel" in event.target.dataset) || event.isComposing) return;
    if (event.key !== "Enter" && event.key !== ",") return;
    if (event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.#addLabel();
  }

  #typed({ dataset, value }) {
    if ("messageNote" in dataset) this.#keepLabels();
    else if ("correction" in dataset) this.#keep("correction", { text: value });
  }

  // labels

  #addLabel() {
    const field = this.#part("new-label");
    const label = field.value.trim().replace(/\s+/g, " ");
    field.value = "";
    if (!label || this.#labelsShown.includes(label)) return;
    this.#part("labels").append(this.#labelItem(label));
    this.#keepLabels();
  }

  get #labelsShown() {
    return [...this.#part("labels").querySelectorAll("li > span")].map(({ textContent }) => textContent);
  }

  #labelItem(label) {
    const item =
      this.closest("[data-thread]").querySelector("template[data-label-item]").content.firstElementChild;
    const made = item.cloneNode(true);
    made.querySelector("span").textContent = label;
    made.querySelector("button").ariaLabel = text("remove-label", { label });
    return made;
  }

  #keepLabels() {
    this.#keep("labels", { labels: this.#labelsShown, note: this.#part("message-note").value });
  }

  async #sendLabels(value) {
    const sent = await send(`${this.address}labels/`, value);
    if (sent.word === "done") {
      const shown = this.#part("note-shown");
      shown.textContent = sent.data.note;
      shown.hidden = !sent.data.note;
    }
    return sent;
  }

  // the corrected answer

  async #fetchSource() {
    const found = await fetchText(`${this.address}correction/`);
    if (found === null) return false;
    const { source, text: written } = JSON.parse(found);
    this.#source = source;
    this.#part("correction").value = readLocal(this.#key("correction"))?.text ?? written;
    return true;
  }

  async #sendCorrection(value) {
    const sent = await send(`${this.address}correction/`, value);
    if (sent.word === "done") {
      const changes = this.#part("changes");
      changes.innerHTML = sent.data.html;
      changes.hidden = !changes.firstElementChild;
    }
    return sent;
  }

  async #showSent() {
    const body = this.#part("sent-body");
    if (!this.#part("sent").open || body.firstElementChild) return;
    const html = await fetchText(`${this.address}request/`);
    if (html === null) body.textContent = text("not-loaded");
    else body.innerHTML = html;
  }
}

customElements.define("review-notes", ReviewNotes);
