// Short notices at the foot of the page.

import { icon, text } from "./page.js";

const toasts = document.querySelector("[data-toasts]");

/** A short notice at the foot of the page, with at most one action. It waits while one is on it. */
export function notify(words, { label, action, seconds = 8 } = {}) {
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.setAttribute("role", "status");
  const sentence = document.createElement("p");
  sentence.textContent = words;
  toast.append(sentence);
  if (action) toast.append(toastButton(label, () => { toast.remove(); action(); }));
  const close = toastButton("", () => toast.remove());
  close.setAttribute("aria-label", text("close"));
  close.append(icon("close"));
  toast.append(close);
  let timer = 0;
  const wait = () => { timer = setTimeout(() => toast.remove(), seconds * 1000); };
  const hold = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("pointerleave", wait);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("focusout", wait);
  toasts.append(toast);
  wait();
}

function toastButton(label, action) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.addEventListener("click", action);
  return button;
}
