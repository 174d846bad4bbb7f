// Which pictures go with the next question: asked of the server after each change, and shown on them.

import { text } from "./strings.js";

const PAUSE_MS = 100;

let timer = 0;

/** Call `ask` when nothing has changed for a moment. */
export function askSoon(ask) {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE_MS);
}

/**
 * Mark pictures, given as [id, element]. `leftOut` says for each id why it is not sent, "" where it is, and `older` why
 * the others are not, if that is known.
 */
export function mark(pictures, leftOut, older) {
  for (const [id, element] of pictures) {
    const reason = leftOut[id] ?? (older || undefined);
    element.querySelector("[data-left-out]")?.remove();
    if (reason === undefined) delete element.dataset.included;
    else element.dataset.included = String(reason === "");
    if (reason) element.append(label(reason));
  }
}

function label(reason) {
  const shown = document.createElement("span");
  shown.dataset.leftOut = "";
  shown.title = reason;
  shown.textContent = text("not-sent");
  const why = document.createElement("span");
  why.className = "sr-only";
  why.textContent = reason;
  shown.append(why);
  return shown;
}
