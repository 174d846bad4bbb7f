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

/** Say on the tiles of the composer, given as [id, element], what each picture takes of the request. */
export function showEstimates(pictures, leftOut, estimates) {
  for (const [id, element] of pictures) {
    const estimate = leftOut[id] === "" ? estimates[id] : undefined;
    const shown = element.querySelector("[data-estimate]");
    shown.replaceChildren(...(estimate ? lines(estimate) : []));
    shown.title = estimate?.more ?? "";
    if (estimate) shown.dataset.estimateTokens = estimate.tokens;
    else delete shown.dataset.estimateTokens;
    element.querySelector("[data-advice]").textContent = estimate?.note ?? "";
    element
      .querySelector("[data-fine-print]")
      .toggleAttribute("data-wanted", Boolean(estimate?.wants_fine_print));
  }
}

function lines({ size, cost }) {
  return [size, cost].map((words) => {
    const line = document.createElement("span");
    line.textContent = words;
    return line;
  });
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
