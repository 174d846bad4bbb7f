// The dialog of what is fetched about an answer, such as what was sent for it.

import { decorate, fill, makeScrollable } from "../lib/blocks.js";
import { show } from "../lib/dialogs.js";
import { fetchText, loaded } from "../lib/http.js";

class AnswerDialog extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", ({ target }) => {
      if (target.closest("[data-close]")) this.querySelector("dialog").close();
    });
  }

  begin(title, html) {
    this.querySelector("h2").textContent = title;
    const content = this.querySelector("[data-content]");
    fill(content, html);
    content.scrollTop = 0;
    decorate(content);
    makeScrollable(content);
    if (content.querySelector("how-sure")) loaded(() => import("./how-sure.js"));
  }
}

/** Show what this button names: `part` is the last word of its address. */
export async function open(button, part) {
  const { messageId } = button.closest("[data-message-id]").dataset;
  const html = await fetchText(`/messages/${messageId}/${part}/`);
  if (html === null) throw new Error("it was not to be had");
  button.closest("[popover]")?.hidePopover(); // which gives the focus back to its button
  (await show("answer-dialog")).begin(button.textContent.trim(), html);
}

customElements.define("answer-dialog", AnswerDialog);
