// The page of an item of a queue: its elements, and the keys of those who review many.

import { openBoxes } from "./elements/box-editor.js";
import "./elements/review-item.js";
import "./elements/review-notes.js";
import { register } from "./lib/commands.js";
import { eraseBox, restoreBoxes } from "./lib/item-boxes.js";
import { areLettersFree, keepLetters } from "./lib/review-keys.js";
import { pictureCommands, stepCommands, verdictCommands } from "./lib/transcripts.js";

const item = document.querySelector("review-item");
const find = (selector) => item.querySelector(selector);
/** Whether the panel stands beside the transcript. */
const IS_WIDE = matchMedia("(min-width: 43.8125rem)");
const isFree = () => areLettersFree(find('[data-command="item.keys"]'));
const notesOf = (button) => button.closest("review-notes");
const note = () => find("[data-item-form] textarea[name=note]");

function choose(radio) {
  item.reveal(radio);
  radio.click();
}

for (const list of item.transcript.querySelectorAll("[data-picture]")) restoreBoxes(list);

register(
  ...pictureCommands,
  {
    id: "boxes.of-picture",
    run(button) {
      const tile = button.closest("image-lightbox").leave();
      const { messageId } = tile.closest("[data-message-id]").dataset;
      const list = `review-notes[data-message="${messageId}"] [data-picture="${tile.dataset.image}"]`;
      openBoxes(tile.getRootNode().querySelector(list));
    },
  },
  {
    id: "boxes.draw",
    run: (button) => openBoxes(button.closest("[data-picture]")),
  },
  {
    id: "boxes.erase",
    run: (button) => eraseBox(button.closest("[data-picture]"), button.closest("[data-box]").dataset.box),
  },
  { id: "notes.label", run: (button) => notesOf(button).openLabels() },
  { id: "notes.correct", run: (button) => notesOf(button).openCorrection() },
  { id: "notes.close", run: (button) => notesOf(button).close() },
  { id: "notes.restore", run: (button) => notesOf(button).restoreSource() },
  { id: "item.open-panel", run: () => item.openPanel() },
  { id: "item.close-panel", run: () => item.closePanel() },
  { id: "item.keys", run: (box) => keepLetters(box) },
  ...stepCommands("item", isFree),
  ...verdictCommands("item", { isFree, verdict: (number) => item.verdict(number), choose }),
  {
    id: "item.note",
    keys: "N",
    isPossible: () => isFree() && note() !== null,
    run: () => item.reveal(note()),
  },
  {
    id: "item.label",
    keys: "L",
    isPossible: () => isFree() && item.currentNotes !== undefined,
    run: () => item.currentNotes.openLabels(),
  },
  {
    id: "item.correct",
    keys: "C",
    isPossible: () => isFree() && item.currentNotes !== undefined,
    run: () => item.currentNotes.openCorrection(),
  },
  {
    id: "item.flag",
    keys: "F",
    isPossible: isFree,
    run: () => item.toggleFlag(find('[data-command="item.flag"]')),
  },
  {
    id: "item.skip",
    keys: "S",
    isPossible: () => isFree() && find("[data-skip]") !== null,
    run() {
      item.reveal(find("[data-skip]"));
      find("[data-skip]").click();
    },
  },
  {
    id: "item.sheet",
    keys: "?",
    isPossible: isFree,
    run() {
      const sheet = find("[data-keys]");
      sheet.open = !sheet.open;
      sheet.toggleAttribute("data-over", sheet.open);
      if (!IS_WIDE.matches) item.reveal(sheet.querySelector("summary"));
    },
  },
  {
    id: "item.save",
    keys: "Control+Enter",
    isPossible: () => find("[data-save]") !== null,
    run: () => find("[data-save]").click(),
  },
);
