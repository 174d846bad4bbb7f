// Which pictures go with the next question: asked of the server after each change, and shown on them.

import { answer, csrfHeaders } from "./http.js";
import { newId } from "./ids.js";
import { text } from "./strings.js";

const PAUSE_MS = 100;
const LETTERS = "ABCDEFGHI";
const READY = "[data-upload][data-state=ready]";

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
    advise(element, estimate);
    element
      .querySelector("[data-fine-print]")
      .toggleAttribute("data-wanted", Boolean(estimate?.wants_fine_print));
  }
}

/** Say below the attached pictures whether they go as one; `choice` is what the other button would change, if any. */
export function showCanvas(composer, words, choice) {
  const line = composer.querySelector("[data-canvas]");
  line.hidden = !words;
  line.dataset.canvas = choice;
  line.querySelector("[data-canvas-words]").textContent = words;
  line.querySelector("[data-canvas-seen]").hidden = choice !== "apart";
  line.querySelector("[data-canvas-apart]").hidden = choice !== "apart";
  line.querySelector("[data-canvas-together]").hidden = choice !== "together";
  for (const tile of composer.querySelectorAll("[data-letter]")) delete tile.dataset.letter;
  if (choice !== "apart") return;
  const tiles = [...composer.querySelectorAll(READY)].slice(-LETTERS.length); // older ones stay alone
  tiles.forEach((tile, index) => {
    tile.dataset.letter = LETTERS[index];
  });
}

/** Below each earlier picture, given as [id, element]: whether it goes with the next question, to be changed by a click. */
export function offerChoices(pictures, leftOut, estimates, forGood = {}) {
  for (const [id, element] of pictures) {
    const isKnown = id in leftOut;
    const chip = element.parentElement.querySelector(":scope > [data-choose-earlier]") ?? newChip(element);
    chip.hidden = chip.nextElementSibling.hidden = !isKnown;
    if (!isKnown) continue;
    const isSent = leftOut[id] === "";
    chip.dataset.chooseEarlier = id;
    chip.ariaPressed = String(isSent);
    chip.title = leftOut[id];
    chip.querySelector("span").textContent = text(isSent ? "in-next-question" : "left-out-of-question");
    chip.querySelector("small").textContent = (isSent && estimates[id]?.cost) || "";
    const lasting = chip.nextElementSibling;
    lasting.ariaPressed = String(forGood[id] === (isSent ? "always" : "never"));
    lasting.textContent = text(isSent ? "always-include" : "always-leave-out");
  }
}

/** Let the pictures of the composer go as one, or apart. */
export function switchCanvas(button) {
  const isTogether = "canvasTogether" in button.dataset;
  const picker = button.closest("form").querySelector("image-picker");
  picker.chooseForQuestion({ has_canvas: isTogether ? undefined : false });
  picker.closest("chat-composer").takeFocus();
}

/** Take an earlier picture into the next question, or leave it out of that. */
export function chooseEarlier(chip) {
  const picker = document.querySelector("chat-composer image-picker");
  const included = chip.ariaPressed === "true" ? "never" : "always";
  const earlier_images = { ...picker.questionChoices.earlier_images, [chip.dataset.chooseEarlier]: included };
  picker.chooseForQuestion({ earlier_images });
}

/** Let all later questions do with a picture what the next one does, or take that back. */
export async function chooseForGood(button) {
  const chip = button.previousElementSibling;
  const id = chip.dataset.chooseEarlier;
  const next = chip.ariaPressed === "true" ? "always" : "never";
  const included = button.ariaPressed === "true" ? "rule" : next;
  await keepForGood(id, included);
  const picker = document.querySelector("chat-composer image-picker");
  const { [id]: _, ...others } = picker.questionChoices.earlier_images ?? {};
  picker.chooseForQuestion({ earlier_images: Object.keys(others).length ? others : undefined });
}

/** Leave out for good a picture that the endpoint refused; have its question answered without it, if there is more. */
export async function goOnWithout(button) {
  const { refused, alone } = button.dataset;
  button.ariaDisabled = "true";
  try {
    await keepForGood(refused, "never");
  } finally {
    button.ariaDisabled = null;
  }
  if (alone) {
    const composer = document.querySelector("chat-composer");
    composer.say(alone);
    composer.takeFocus();
    return;
  }
  const message_id = button.closest("[data-message-id]").dataset.messageId;
  const fields = { message_id, client_id: newId() };
  await button.closest("chat-conversation").ask("turn.regenerate", fields);
}

async function keepForGood(id, included) {
  const { conversationId } = document.querySelector("chat-conversation").dataset;
  const response = await answer(`/c/${conversationId}/images/${id}/inclusion/`, {
    method: "POST",
    headers: { ...csrfHeaders(), "Content-Type": "application/json" },
    body: JSON.stringify({ included }),
  });
  if (!response?.ok) throw new Error("the choice was not kept");
}

function newChip(element) {
  const chip = document.createElement("button");
  chip.type = "button";
  chip.className = "earlier-choice";
  chip.dataset.command = "image.choose-earlier";
  chip.dataset.chooseEarlier = "";
  chip.append(document.createElement("span"), document.createElement("small"));
  const lasting = document.createElement("button");
  lasting.type = "button";
  lasting.className = "earlier-choice";
  lasting.dataset.command = "image.choose-for-good";
  element.after(chip, lasting);
  return chip;
}

/** Say how well the model sees a picture, with a button that mends it. One that stays the same keeps the focus. */
function advise(element, { note = "", remedy = "", remedied = "" } = {}) {
  const advice = element.querySelector("[data-advice]");
  const [words, button] = advice.children;
  if ((words?.textContent ?? "") === note && (button?.textContent ?? "") === remedy) return;
  const hadFocus = advice.contains(document.activeElement);
  advice.replaceChildren(...(note ? [span(note)] : []), ...(remedy ? [remedyButton(remedy, remedied)] : []));
  advice.role = remedy ? "group" : null;
  advice.ariaLabel = remedy ? element.querySelector("[data-tools]").ariaLabel : null;
  if (hadFocus) (advice.querySelector("button") ?? element.querySelector("[data-fine-print]")).focus();
}

function remedyButton(label, remedied) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.command = "image.fine-print";
  button.dataset.remedied = remedied;
  button.textContent = label;
  return button;
}

function span(words) {
  const made = document.createElement("span");
  made.textContent = words;
  return made;
}

function lines({ size, cost }) {
  return [size, cost].filter(Boolean).map(span);
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
