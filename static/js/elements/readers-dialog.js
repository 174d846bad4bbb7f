// "Who may read this": the owner of a sealed conversation lets others read it, refuses, and takes that back.

import { elementsFrom } from "../lib/blocks.js";
import { show } from "../lib/dialogs.js";
import { answer, posted } from "../lib/http.js";
import { text } from "../lib/strings.js";

class ReadersDialog extends HTMLElement {
  #id = null;

  connectedCallback() {
    this.addEventListener("submit", (event) => this.#submitted(event));
    this.addEventListener("click", ({ target }) => {
      if (target.closest("[data-close]")) this.querySelector("dialog").close();
    });
  }

  /** Show who may read this conversation. */
  async begin(id, title) {
    this.#id = id;
    this.querySelector("[data-what]").textContent = title;
    this.#readers.replaceChildren();
    await this.#take(id, await answer(this.#url));
  }

  get #url() {
    return `/c/${this.#id}/readers/`;
  }

  get #readers() {
    return this.querySelector("[data-readers]");
  }

  async #submitted(event) {
    event.preventDefault();
    const { target, submitter } = event;
    if (submitter.ariaDisabled === "true") return;
    submitter.ariaDisabled = "true";
    await this.#take(this.#id, await posted(this.#url, new FormData(target, submitter)));
    submitter.ariaDisabled = null; // where it is still there
  }

  /** What has come for another conversation meanwhile is left. */
  async #take(id, response) {
    const html = response?.ok ? await response.text() : null;
    if (id !== this.#id) return;
    if (html !== null) this.#readers.replaceChildren(...elementsFrom(html));
    const problem = this.querySelector("[data-problem]");
    problem.textContent = html === null ? text("request-failed") : "";
    problem.hidden = html !== null;
    if (!this.contains(document.activeElement)) this.querySelector("[data-close]").focus();
  }
}

/** Open the dialog for this conversation. */
export async function openReaders(id, title) {
  await (await show("readers-dialog")).begin(id, title);
}

customElements.define("readers-dialog", ReadersDialog);
