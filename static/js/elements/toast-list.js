// Short notices at the foot of the page.

import { icon } from "../lib/icons.js";
import "../lib/later-style.js";
import { text } from "../lib/strings.js";

const SECONDS = 8;
const UNDO_SECONDS = 12;
const GAP = 8;

/** Show a notice; one with `undo()` has a button for it. Returns what takes it away. */
export function notify(words, options = {}) {
  return document.querySelector("toast-list")?.show(words, options);
}

class ToastList extends HTMLElement {
  /** A notice goes by itself, but waits while the pointer or the focus is on it. Returns what takes it away. */
  show(words, { undo }) {
    const toast = document.createElement("div");
    toast.className = "toast";
    toast.setAttribute("role", "status");
    const sentence = document.createElement("p");
    sentence.textContent = words;
    const end = () => this.#end(toast);
    const press = async (act = () => {}) => {
      end();
      await act();
      // what follows may have taken it
      if (document.activeElement === document.body) document.querySelector("send-or-stop")?.takeFocus();
    };
    toast.append(sentence, ...(undo ? [undoButton(() => press(undo))] : []), closeButton(press));
    this.append(toast);
    this.#raise();
    endAfter(undo ? UNDO_SECONDS : SECONDS, toast, end);
    return end;
  }

  #end(toast) {
    toast.remove();
    if (!this.childElementCount) this.hidePopover();
  }

  /** Above what was written in the meantime, and above a drawer that was opened after an earlier notice. */
  #raise() {
    const dock = document.querySelector(".dock");
    this.style.insetBlockEnd = `${(dock?.offsetHeight ?? 0) + GAP}px`;
    this.hidePopover();
    this.showPopover();
  }
}

function endAfter(seconds, toast, end) {
  let timer = 0;
  const wait = () => {
    timer = setTimeout(end, seconds * 1000);
  };
  const hold = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("pointerleave", wait);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("focusout", wait);
  wait();
}

function undoButton(pressed) {
  const undo = button(text("undo"), pressed);
  undo.dataset.undo = "";
  undo.setAttribute("aria-keyshortcuts", "Control+Z");
  return undo;
}

function closeButton(press) {
  const close = button("", () => press());
  close.setAttribute("aria-label", text("close"));
  close.append(icon("close"));
  return close;
}

function button(label, pressed) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = label;
  element.addEventListener("click", pressed);
  return element;
}

customElements.define("toast-list", ToastList);
