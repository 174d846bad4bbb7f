// "Locate": asks where something is, in the words that the model answers to with places.

import { show } from "../lib/dialogs.js";
import { fetchText } from "../lib/http.js";

const SHORT = 80;
const conversation = () => document.querySelector("chat-conversation");
const composer = () => document.querySelector("chat-composer");

class LocateDialog extends HTMLElement {
  #question = "";
  #taken = ""; // what stood in the message box, and is what should be found

  connectedCallback() {
    this.addEventListener("input", () => this.#preview());
    this.addEventListener("submit", () => this.#ask()); // the form closes its dialog
    this.addEventListener("click", ({ target }) => {
      if (target.closest("[data-close]")) this.querySelector("dialog").close();
    });
  }

  begin({ question, is_documented }) {
    this.#question = question;
    const { text: written } = composer().draft;
    this.#taken = written.length <= SHORT && !written.includes("\n") ? written : "";
    this.#field.value = this.#taken;
    this.querySelector("[data-undocumented]").hidden = is_documented;
    this.#preview();
    this.#field.select();
  }

  get #field() {
    return this.querySelector("input");
  }

  get #words() {
    return this.#question.replace("{what}", () => this.#field.value.trim() || "…");
  }

  #preview() {
    this.querySelector("[data-question]").textContent = this.#words;
  }

  #ask() {
    const { text: written } = composer().draft;
    if (written && written !== this.#taken) return composer().take({ text: this.#words, images: [] });
    composer().suggest(this.#words);
    if (hasPicture()) composer().submit();
  }
}

/** Whether there is a picture in which something could be found. */
function hasPicture() {
  return conversation().querySelector("[data-image], [data-upload], message-gap") !== null;
}

export async function open() {
  const answer = await fetchText(`/c/${conversation().dataset.conversationId}/locate/`);
  if (answer === null) throw new Error("how to ask was not to be had");
  (await show("locate-dialog")).begin(JSON.parse(answer));
}

customElements.define("locate-dialog", LocateDialog);
