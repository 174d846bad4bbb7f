// Says that an answer has not begun, why, and for how long. The server says since when; the page counts.

import { announce } from "../lib/announce.js";
import { number } from "../lib/strings.js";

const SILENT_SECONDS = 5;

/**
 * `data-waited`: seconds when this was rendered. The others are the fields of a frame `reply.note`. `data-text`: a
 * sentence of the server, shown at once. `data-queued`: the number of answers ahead of this one, if that is why.
 * A page that connects forgets the sentence: what was shown stays for a second, in which it comes anew where it holds.
 */
class ReplyWaiting extends HTMLElement {
  static observedAttributes = ["data-text", "data-queued"];

  #began;
  #usual;
  #said = "";
  #timer = 0;

  connectedCallback() {
    this.#began ??= performance.now() - 1000 * Number(this.dataset.waited);
    this.#usual ??= this.#words.textContent;
    if (this.dataset.text) this.#show();
    this.#count();
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  attributeChangedCallback(_name, _before, now) {
    if (!(this.isConnected && this.#usual)) return;
    if (now === null) this.#count();
    else this.#show();
  }

  #count() {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#show(), 1000);
  }

  get #words() {
    return this.querySelector("span");
  }

  #show() {
    const seconds = Math.floor((performance.now() - this.#began) / 1000);
    const { text: note, queued } = this.dataset;
    if (!note || queued === "null") delete this.dataset.queued;
    this.hidden = !note && seconds < SILENT_SECONDS;
    if (this.hidden) return;
    const words = note || this.#usual;
    if (words !== this.#said) {
      this.#words.textContent = words;
      announce(words); // once: the seconds are for the eye
      this.#said = words;
    }
    this.querySelector("[data-seconds]").textContent =
      seconds < SILENT_SECONDS ? "" : number(seconds, { style: "unit", unit: "second" });
  }
}

customElements.define("reply-waiting", ReplyWaiting);
