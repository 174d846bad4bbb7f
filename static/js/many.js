// The page on which many items are judged at once: its elements, and its keys.

import "./elements/many-items.js";
import { register } from "./lib/commands.js";
import { areLettersFree, keepLetters } from "./lib/review-keys.js";
import { isVeiled, unveil } from "./lib/veils.js";

const MOST_VERDICTS = 9;

const items = document.querySelector("many-items");
const isFree = () => areLettersFree(items.querySelector('[data-command="many.keys"]'));
const current = () => items.current;

const verdictKeys = Array.from({ length: MOST_VERDICTS }, (_, index) => ({
  id: `many.verdict-${index + 1}`,
  keys: String(index + 1),
  isPossible: () => isFree() && current()?.radios[index] !== undefined,
  run: () => items.choose(current(), index),
}));

register(
  {
    id: "many.picture",
    run(tile) {
      if (isVeiled(tile)) unveil(tile);
      else location.assign(tile.href);
    },
  },
  { id: "many.filter", run: () => items.toggleFilter() },
  { id: "many.keys", run: (box) => keepLetters(box) },
  {
    id: "many.clear",
    keys: "0",
    isPossible: () => isFree() && current()?.verdict !== "",
    run: (button) => items.clear(button ? items.cardOf(button) : current()),
  },
  ...verdictKeys,
  {
    id: "many.save",
    keys: "Control+Enter",
    run: () => items.querySelector("[data-save]").click(),
  },
);
