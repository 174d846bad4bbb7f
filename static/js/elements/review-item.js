// The page of an item: its transcript follows the conversation, its form is kept, on a phone its panel is a sheet.

import "../lib/item-texts.js";
import { announce } from "../lib/announce.js";
import { answer } from "../lib/http.js";
import { ItemForm } from "../lib/item-form.js";
import { sendForm } from "../lib/item-requests.js";
import { mergeInto } from "../lib/merging.js";
import { choosePictures } from "../lib/pictures-choice.js";
import { focusedElement, isTyping } from "../lib/review-keys.js";
import { text } from "../lib/strings.js";
import { enliven } from "../lib/transcripts.js";

const WHILE_RUNNING_MS = 2000;
const OTHERWISE_MS = 20_000;
const GONE = new Set([403, 404]);
const UNCHANGED = 204;

const isJson = (response) =>
  response?.ok && response.headers.get("Content-Type")?.startsWith("application/json");

class ReviewItem extends HTMLElement {
  #forms = [];
  #life;
  #timer;

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    this.#forms = [...this.querySelectorAll("[data-item-form]")].map((form) => new ItemForm(form, this));
    const choose = ({ target }) => choosePictures(target, this.#thread, this.dataset.picturesUrl);
    this.addEventListener("change", choose, { signal });
    document.addEventListener("keydown", (event) => this.#keyPressed(event), { signal });
    document.addEventListener("visibilitychange", () => this.#refreshSoon(0), { signal });
    enliven(this.transcript);
    this.#refreshSoon();
    // not before its styles: they give it its height
    addEventListener("load", () => this.#showAsked(), { signal });
  }

  disconnectedCallback() {
    this.#life.abort();
    clearTimeout(this.#timer);
    for (const form of this.#forms) form.stop();
  }

  get transcript() {
    return this.querySelector(".transcript").shadowRoot;
  }

  get #thread() {
    return this.transcript.querySelector("[data-thread]");
  }

  get #panel() {
    return this.querySelector("[data-panel]");
  }

  /** The verdict with this number, counted from 1. */
  verdict(number) {
    return this.querySelectorAll("[data-item-form] input[name=verdict]")[number - 1];
  }

  /** The notes at the answer that is meant: where the focus is, that which is asked about, or the last one in sight. */
  get currentNotes() {
    const all = [...this.transcript.querySelectorAll("review-notes")].filter((notes) => notes.canLabel);
    const focused = focusedElement()?.closest("review-notes");
    if (all.includes(focused)) return focused;
    const asked = this.transcript.querySelector(".item-asked ~ review-notes");
    if (asked) return asked;
    const isInSight = (notes) => notes.getBoundingClientRect().top < innerHeight;
    return all.findLast((notes) => notes.checkVisibility() && isInSight(notes)) ?? all[0];
  }

  async toggleFlag(button) {
    const isFlagged = button.ariaPressed !== "true";
    const { word } = await sendForm(button.dataset.flagUrl, { flagged: isFlagged ? "on" : "" });
    if (word !== "done") throw new Error("the flag was not kept");
    button.ariaPressed = String(isFlagged);
    announce(text(isFlagged ? "item-flagged" : "item-unflagged"));
  }

  openPanel() {
    this.#panel.dataset.open = "";
    this.#nameOpener(true);
    this.#panel.querySelector('[data-command="item.close-panel"]').focus();
  }

  closePanel() {
    delete this.#panel.dataset.open;
    this.#nameOpener(false);
    this.querySelector('[data-command="item.open-panel"]').focus();
  }

  /** Show what is in the panel, also where that is a sheet. */
  reveal(element) {
    if (!element.checkVisibility({ visibilityProperty: true })) this.openPanel();
    element.focus();
  }

  #nameOpener(isOpen) {
    this.querySelector('[data-command="item.open-panel"]').ariaExpanded = String(isOpen);
  }

  #keyPressed(event) {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
    if (this.transcript.querySelector("dialog[open]")) return;
    if (isTyping()) focusedElement().blur();
    else if ("open" in this.#panel.dataset) this.closePanel();
  }

  // the transcript

  #refreshSoon(pause) {
    clearTimeout(this.#timer);
    const usual = "running" in this.#thread.dataset ? WHILE_RUNNING_MS : OTHERWISE_MS;
    this.#timer = setTimeout(() => this.#refresh(), pause ?? usual);
  }

  async #refresh() {
    if (document.visibilityState === "visible") {
      const { version = "" } = this.#thread.dataset;
      const response = await answer(`${this.dataset.transcriptUrl}?version=${encodeURIComponent(version)}`);
      if (isJson(response)) return this.#close(await response.json());
      if (response?.ok && response.status !== UNCHANGED) await this.#take(response);
      else if (GONE.has(response?.status)) return this.#close();
    }
    this.#refreshSoon();
  }

  async #take(response) {
    const html = await response.text();
    const { headers } = response;
    this.#thread.dataset.version = headers.get("X-Version") ?? "";
    this.#thread.toggleAttribute("data-running", headers.get("X-Running") === "yes");
    mergeInto(this.#thread, html);
    enliven(this.transcript);
  }

  /** Begin at the answer that the item is about; who comes back is where they were. */
  #showAsked() {
    const asked = this.transcript.querySelector(".item-asked");
    const [{ type }] = performance.getEntriesByType("navigation");
    if (!asked || type !== "navigate") return;
    if (asked.getBoundingClientRect().bottom > 0.75 * innerHeight) asked.scrollIntoView({ block: "center" });
  }

  /** The person may not read it any more; `told` is why, where the item was closed in their hand. */
  #close(told) {
    if (told) for (const form of this.#forms) form.close(told);
    const gone = document.createElement("p");
    gone.textContent = text("item-closed");
    this.#thread.replaceChildren(gone);
  }
}

customElements.define("review-item", ReviewItem);
