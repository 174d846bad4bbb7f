// "Report": a conversation is brought to those who review.

import { show } from "../lib/dialogs.js";
import { posted } from "../lib/http.js";
import { text } from "../lib/strings.js";
import { notify } from "./toast-list.js";

class ReportDialog extends HTMLElement {
  #id = null;

  connectedCallback() {
    this.addEventListener("submit", (event) => this.#submitted(event));
    this.addEventListener("click", ({ target }) => {
      if (target.closest("[data-close]")) this.#dialog.close();
    });
  }

  /** Begin afresh, for this conversation. */
  begin(id, title) {
    if (id !== this.#id) this.#form.reset(); // what was written and not sent is kept
    this.#id = id;
    this.#tell("");
    this.querySelector("[data-what]").textContent = title;
    this.querySelector("input:checked, input").focus();
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  get #form() {
    return this.querySelector("form");
  }

  async #submitted(event) {
    event.preventDefault();
    const button = this.querySelector("[type=submit]");
    if (button.ariaDisabled === "true") return;
    if (!this.querySelector("input:checked")) {
      this.#tell(this.#form.dataset.required);
      return this.querySelector("input").focus();
    }
    button.ariaDisabled = "true";
    const response = await posted(`/c/${this.#id}/report/`, new FormData(this.#form));
    button.ariaDisabled = null;
    if (!response?.ok) return this.#refused(response);
    this.#id = null;
    this.#dialog.close();
    notify(text("reported"));
  }

  async #refused(response) {
    const isSaid = [400, 429].includes(response?.status);
    this.#tell(isSaid ? await response.text() : text("request-failed"));
  }

  #tell(problem) {
    const place = this.querySelector("[data-problem]");
    place.textContent = problem;
    place.hidden = problem === "";
  }
}

/** Open the dialog for this conversation. */
export async function openReport(id, title) {
  (await show("report-dialog")).begin(id, title);
}

customElements.define("report-dialog", ReportDialog);
