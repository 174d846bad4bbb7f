// What the form of a rubric will look like to reviewers, and what keeps it from being saved, as one types. The server
// says both; `data-url` is where.

import { elementsFrom } from "../lib/blocks.js";
import { answer } from "../lib/http.js";

const PAUSE_MS = 400;

class RubricPreview extends HTMLElement {
  #form;
  #life;
  #timer;
  #asked = 0;

  connectedCallback() {
    this.#form = document.querySelector("#rubric_form");
    this.#life = new AbortController();
    const { signal } = this.#life;
    for (const type of ["input", "change"])
      this.#form.addEventListener(type, () => this.#later(), { signal });
    this.#show();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    this.#life.abort();
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#show(), PAUSE_MS);
  }

  /** The last question counts: an answer that comes after a later question is dropped. */
  async #show() {
    this.#asked += 1;
    const number = this.#asked;
    const response = await answer(this.dataset.url, { method: "POST", body: new FormData(this.#form) });
    if (!response?.ok) return; // what was shown before stays
    const html = await response.text();
    if (number === this.#asked) this.replaceChildren(...elementsFrom(html));
  }
}

customElements.define("rubric-preview", RubricPreview);
