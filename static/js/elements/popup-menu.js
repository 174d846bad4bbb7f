// A menu that opens below the button that was pressed. It is a popover: the browser closes it by Escape, and by a click
// elsewhere.

import { icon } from "../lib/icons.js";
import "../lib/later-style.js";
import { text } from "../lib/strings.js";

const EDGE = 8;

/** What is extended says by `opener` which button it is open for; that may be a fresh one by now, or null. */
export class PopupMenu extends HTMLElement {
  #isPressedShut = false; // by a press on its own button, whose click comes next

  connectedCallback() {
    this.addEventListener("toggle", this.#toggled);
    this.addEventListener("focusout", this.#focusLeft);
    this.addEventListener("keydown", this.#keyPressed);
    document.addEventListener("pointerdown", ({ target }) => this.#pressed(target), { capture: true });
  }

  /** Whether a press on its button has just closed it, so that the click that follows does not open it again. */
  wasPressedShut() {
    const was = this.#isPressedShut;
    this.#isPressedShut = false;
    return was;
  }

  /** Open below this button, with a button for each of these commands. */
  openBelow(opener, commands) {
    this.replaceChildren(...commands.map(button));
    this.showPopover();
    const { bottom, right } = opener.getBoundingClientRect();
    const left = Math.min(right - this.offsetWidth, innerWidth - this.offsetWidth - EDGE);
    this.style.left = `${Math.max(EDGE, left)}px`;
    this.style.top = `${Math.min(bottom, innerHeight - this.offsetHeight - EDGE)}px`;
    this.querySelector("button").focus();
  }

  #toggled({ newState }) {
    this.opener?.setAttribute("aria-expanded", newState === "open");
    if (newState === "closed" && this.#isFocusLost) this.opener?.focus();
  }

  /** Browsers give the focus back to no button that news has replaced, and to none in the drawer of a phone. */
  get #isFocusLost() {
    const { activeElement, body } = document;
    return activeElement === body || this.contains(activeElement);
  }

  #pressed(target) {
    this.#isPressedShut = this.opener?.contains(target) === true && this.matches(":popover-open");
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
