// The page on which many items are judged at once: its elements, and its keys.

import "./elements/many-items.js";
import { register } from "./lib/commands.js";
import { areLettersFree, keepLetters } from "./lib/review-keys.js";
import { verdictCommands } from "./lib/transcripts.js";
import { isVeiled, unveil } from "./lib/veils.js";

const items = document.querySelector("many-items");
const isFree = () => areLettersFree(items.querySelector('[data-command="many.keys"]'));
const current = () => items.current;

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
  ...verdictCommands("many", {
    isFree,
    verdict: (number) => current()?.radios[number - 1],
    choose: (radio) => items.choose(radio),
  }),
  {
    id: "many.save",
    keys: "Control+Enter",
    run: () => items.querySelector("[data-save]").click(),
  },
);
