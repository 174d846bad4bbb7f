// The pages on which conversations of others are read and judged: what is done with a transcript, and their keys.

import { isVeiled, unveil } from "./veils.js";

const MOST_VERDICTS = 9; // with a key

/** Pictures in the lightbox. */
export const pictureCommands = [
  {
    id: "image.open",
    async run(tile) {
      if (isVeiled(tile)) return unveil(tile);
      await import("../elements/image-lightbox.js");
      tile.getRootNode().querySelector("image-lightbox").open(tile);
    },
  },
  {
    id: "region.show",
    async run(chip) {
      for (const tile of chip.closest("li")?.querySelectorAll("[data-image]") ?? []) unveil(tile);
      await import("../elements/image-lightbox.js");
      (await import("./region-outlines.js")).showLarge(chip);
    },
  },
];

/** Fetch what needs a script in the messages of this shadow tree. */
export async function enliven(transcript) {
  if (transcript.querySelector("answer-places")) import("../elements/answer-places.js");
  if (!transcript.querySelector("[data-region]")) return;
  const { linkLetters } = await import("./region-outlines.js");
  linkLetters(transcript);
}

/** The keys of the links to what comes before and after. `isFree` says whether a letter is a key now. */
export function stepCommands(page, isFree) {
  const link = (step) => document.querySelector(`a[data-step="${step}"]`);
  return Object.entries({ next: "J", previous: "K" }).map(([step, keys]) => ({
    id: `${page}.${step}`,
    keys,
    isPossible: () => isFree() && link(step) !== null,
    run: () => link(step).click(),
  }));
}

/** The numbers as keys of verdicts; `verdict` returns the field of a number, undefined where there is none. */
export function verdictCommands(page, { isFree, verdict, choose }) {
  return Array.from({ length: MOST_VERDICTS }, (_, index) => ({
    id: `${page}.verdict-${index + 1}`,
    keys: String(index + 1),
    isPossible: () => isFree() && verdict(index + 1) !== undefined,
    run: () => choose(verdict(index + 1)),
  }));
}
