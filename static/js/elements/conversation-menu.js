// The menu of a conversation in the list: every command that is registered for it.

import { commandsOf, register } from "../lib/commands.js";
import { icon } from "../lib/icons.js";
import { text } from "../lib/strings.js";
import "./conversation-list.js";
import { copyConversation } from "./copying.js";
import { deleteConversation } from "./deletion.js";
import { beginRenaming } from "./rename-form.js";

const EDGE = 8;

class ConversationMenu extends HTMLElement {
  #conversationId = null;
  #isPressedShut = false; // by a press on its own button, whose click comes next

  connectedCallback() {
    this.replaceChildren(...commandsOf("conversation").map(button));
    this.addEventListener("toggle", this.#toggled);
    this.addEventListener("focusout", this.#focusLeft);
    this.addEventListener("keydown", this.#keyPressed);
    document.addEventListener("pointerdown", ({ target }) => this.#pressed(target), { capture: true });
  }

  /** Open below this button of an item. */
  open(opener) {
    const { conversation } = opener.closest("[data-conversation]").dataset;
    if (this.#isPressedShut) {
      this.#isPressedShut = false;
      return;
    }
    this.#conversationId = conversation;
    this.showPopover();
    const { bottom, right } = opener.getBoundingClientRect();
    const left = Math.min(right - this.offsetWidth, innerWidth - this.offsetWidth - EDGE);
    this.style.left = `${Math.max(EDGE, left)}px`;
    this.style.top = `${Math.min(bottom, innerHeight - this.offsetHeight - EDGE)}px`;
    this.querySelector("button").focus();
  }

  /** Close, and return the item that it was open for. */
  choose() {
    this.hidePopover();
    return this.#item;
  }

  /** Looked for each time: news of the conversation put a fresh item in its place. */
  get #item() {
    return document.querySelector("conversation-list").itemOf(this.#conversationId);
  }

  #toggled({ newState }) {
    const opener = this.#item?.querySelector("[aria-expanded]");
    opener?.setAttribute("aria-expanded", newState === "open");
    if (newState === "closed" && this.#isFocusLost) opener?.focus();
  }

  /** Browsers give the focus back to no button that news has replaced, and to none in the drawer of a phone. */
  get #isFocusLost() {
    const { activeElement, body } = document;
    return activeElement === body || this.contains(activeElement);
  }

  #pressed(target) {
    const opener = this.#item?.querySelector("[aria-expanded]") ?? null;
    this.#isPressedShut = opener?.contains(target) === true && this.matches(":popover-open");
  }

  #focusLeft({ relatedTarget }) {
    if (relatedTarget && !this.contains(relatedTarget)) this.hidePopover();
  }

  #keyPressed(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...this.children];
    buttons.at((buttons.indexOf(document.activeElement) + step) % buttons.length).focus();
  }
}

function button({ id, label, icon: name }) {
  const element = document.createElement("button");
  element.type = "button";
  element.dataset.command = id;
  element.append(icon(name), text(label));
  return element;
}

const chosen = () => document.querySelector("conversation-menu").choose();

register(
  {
    id: "conversation.rename",
    label: "rename",
    icon: "pencil",
    menu: "conversation",
    run: () => beginRenaming(chosen()),
  },
  {
    id: "conversation.copy",
    label: "copy-conversation",
    icon: "copy",
    menu: "conversation",
    run: () => copyConversation(chosen().dataset.conversation),
  },
  {
    id: "conversation.delete",
    label: "delete",
    icon: "trash",
    menu: "conversation",
    run: () => deleteConversation(chosen()),
  },
);

customElements.define("conversation-menu", ConversationMenu);
