// A page that was opened for a message which the conversation's current branch does not have: makes its branch current.

import { csrfHeaders } from "../lib/http.js";
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
    const options = { method: "POST", headers: csrfHeaders(), redirect: "error" };
    try {
      const answer = await fetch(`/messages/${this.dataset.message}/show/`, options);
      if (answer.ok) return location.reload();
      this.#say(answer.status === 409 ? await answer.text() : text("request-failed"));
    } catch {
      this.#say(text("request-failed"));
    }
  }

  #say(sentence) {
    this.querySelector("[data-sentence]").textContent = sentence;
  }
}

customElements.define("show-message", ShowMessage);
