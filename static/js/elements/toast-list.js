// Short notices at the foot of the page.

import { icon, text } from "../lib/page.js";

const toasts = document.querySelector("[data-toasts]");
const dock = document.querySelector(".dock");

/** A short notice at the foot of the page, with at most one action. It waits while one is on it. */
export function notify(words, { label, action, seconds = 8 } = {}) {
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.setAttribute("role", "status");
  const sentence = document.createElement("p");
  sentence.textContent = words;
  toast.append(sentence);
  const end = () => {
    toast.remove();
    if (!toasts.childElementCount) toasts.hidePopover();
  };
  if (action)
    toast.append(
      toastButton(label, () => {
        end();
        action();
      }),
    );
  const close = toastButton("", end);
  close.setAttribute("aria-label", text("close"));
  close.append(icon("close"));
  toast.append(close);
  let timer = 0;
  const wait = () => {
    timer = setTimeout(end, seconds * 1000);
  };
  const hold = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("pointerleave", wait);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("focusout", wait);
  toasts.append(toast);
  raise();
  wait();
}

/** Above what was written in the meantime, and above a drawer that was opened after an earlier notice. */
function raise() {
  toasts.style.insetBlockEnd = `${dock.offsetHeight + 8}px`;
  toasts.hidePopover();
  toasts.showPopover();
}

function toastButton(label, action) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.addEventListener("click", action);
  return button;
}
