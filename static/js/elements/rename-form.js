// The field that stands in the place of a conversation's title while it gets a new one.

import { post } from "../lib/http.js";
import "../lib/later-style.js";
import { text } from "../lib/strings.js";
import { notify } from "./toast-list.js";

class RenameForm extends HTMLElement {
  #isOver = false;

  connectedCallback() {
    this.#isOver = false;
    this.addEventListener("submit", this.#submitted);
    this.addEventListener("keydown", this.#keyPressed);
    this.addEventListener("focusout", this.#save);
    this.#item.classList.add("is-renamed");
    this.#input.value = titleOf(this.#link).textContent;
    this.#input.select();
  }

  get #input() {
    return this.querySelector("input");
  }

  get #item() {
    return this.closest("[data-conversation]");
  }

  get #link() {
    return this.#item.querySelector("a");
  }

  #submitted(event) {
    event.preventDefault();
    this.#save(event);
  }

  #keyPressed(event) {
    if (event.key !== "Escape") return;
    event.preventDefault(); // or it would stop the answer
    this.#end(event);
  }

  #save(event) {
    if (this.#isOver) return;
    const [item, link] = [this.#item, this.#link];
    const title = this.#input.value.trim();
    this.#end(event);
    if (title && title !== titleOf(link).textContent) rename(item, titleOf(link), title);
  }

  /** The focus goes to the title, unless the person goes elsewhere with it. */
  #end({ relatedTarget }) {
    this.#isOver = true; // to remove a field that has the focus blurs it, which would save once more
    const [item, link] = [this.#item, this.#link];
    item.classList.remove("is-renamed");
    this.remove();
    if (!relatedTarget) link.focus();
  }
}

/** Let this item of the list get another title. */
export function beginRenaming(item) {
  item.querySelector("a").before(document.querySelector("#rename-form").content.cloneNode(true));
}

function titleOf(link) {
  return link.querySelector("[data-conversation-title]");
}

async function rename(item, shown, title) {
  const before = shown.textContent;
  shown.textContent = title;
  if (await post(`/c/${item.dataset.conversation}/rename/`, { title })) return;
  shown.textContent = before;
  notify(text("request-failed"));
}

customElements.define("rename-form", RenameForm);
