// Letters as keys of those who review: not while somebody types, nor while something is open above the page.

import { A_YEAR, keep } from "./choices.js";

const FIELD = "textarea, select, input:not([type=radio], [type=checkbox])";

/** The element that has the focus, also one in a shadow tree. */
export function focusedElement() {
  let { activeElement } = document;
  while (activeElement?.shadowRoot?.activeElement) activeElement = activeElement.shadowRoot.activeElement;
  return activeElement;
}

export function isTyping() {
  return focusedElement()?.matches(FIELD) ?? false;
}

/** Whether a letter is a key now. `box` is that of the choice to have such keys. */
export function areLettersFree(box) {
  const trees = [document, document.querySelector(".transcript")?.shadowRoot];
  const isOpen = trees.some((tree) => tree?.querySelector(":popover-open, dialog[open]"));
  return box.checked && !isTyping() && !isOpen;
}

export function keepLetters(box) {
  keep("review_keys", box.checked ? "on" : "off", A_YEAR);
}
