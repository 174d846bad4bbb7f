// A page that was opened for a message which the shown branch does not have: makes its branch the shown one.

import { post } from "../lib/http.js";
import { text } from "../lib/strings.js";

/** `data-message` is its id. Asks at once, and again by its button where it is refused. */
class ShowMessage extends HTMLElement {
  #life;

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    this.querySelector("[data-show]").addEventListener("click", () => this.#show(), { signal });
    this.#show();
  }

  disconnectedCallback() {
    this.#life.abort();
  }

  async #show() {
    if (await post(`/messages/${this.dataset.message}/show/`)) location.reload();
    else this.querySelector("[data-sentence]").textContent = text("request-failed");
  }
}

customElements.define("show-message", ShowMessage);
