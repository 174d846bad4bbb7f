// "Regenerate with": another reply to the same question, by another model or with other parameters for this once.

import { show } from "../lib/dialogs.js";
import { newId } from "../lib/ids.js";
import { ModelList, idOf } from "./model-list.js";

class RegenerateDialog extends HTMLElement {
  #list;
  #messageId = null;

  connectedCallback() {
    this.#list = new ModelList(this);
    this.addEventListener("submit", (event) => this.#submitted(event));
    this.addEventListener("click", ({ target }) => {
      if (target.closest("[data-close]")) this.#dialog.close();
    });
  }

  /** Begin afresh, for this reply. */
  begin(messageId) {
    this.#messageId = messageId;
    this.#form.reset();
    this.#list.focus();
    return this.#list.load(conversation().dataset.conversationId);
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  get #form() {
    return this.querySelector("form");
  }

  /** The parameters that are given. */
  get #parameters() {
    const fields = [...this.querySelectorAll("input[type=number]")].filter(({ value }) => value !== "");
    return Object.fromEntries(fields.map(({ name, valueAsNumber }) => [name, valueAsNumber]));
  }

  #submitted(event) {
    const { active } = this.#list;
    if (!active) return event.preventDefault(); // no model has the words that were typed
    // the form closes its dialog
    return conversation().ask("turn.regenerate", {
      message_id: this.#messageId,
      client_id: newId(),
      language_model_id: idOf(active),
      parameters: this.#parameters,
    });
  }
}

const conversation = () => document.querySelector("chat-conversation");

/** Open the dialog for the reply that has this button. */
export async function open(button) {
  const { messageId } = button.closest("[data-message-id]").dataset;
  await (await show("regenerate-dialog")).begin(messageId);
}

customElements.define("regenerate-dialog", RegenerateDialog);
