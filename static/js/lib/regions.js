// The regions that a question is about, as the choices of its pictures have them:
// {letter, x, y, width, height, drawn_by}, in fractions of the picture.

import { sharesOf } from "./place-words.js";
import { text } from "./strings.js";

const LETTERS = "ABCDEFGHI"; // as many as MAX_REGIONS of vision_chat/models/region.py
export const MAX_REGIONS = LETTERS.length;

/** A letter that no region of the question has, beside these ones of one picture; null where there are enough. */
export function freeLetter(picker, id, regions) {
  const others = picker.ready.filter((picture) => picture.id !== id);
  const taken = [...others.flatMap(({ choice }) => choice.regions ?? []), ...regions];
  return [...LETTERS].find((letter) => taken.every((region) => region.letter !== letter)) ?? null;
}

/** The regions of a picture of the question. */
export function regionsOf(picker, id) {
  return picker.ready.find((picture) => picture.id === id)?.choice.regions ?? [];
}

export function isAttached(picker, id) {
  return picker.ids.includes(id);
}

/** Whether the question can have one picture more. */
export function hasRoom(picker) {
  return picker.count < Number(picker.dataset.maxImages);
}

/** Let the question be about these regions of a picture, {id, name, thumbnail_url, notes}, which it need not have yet. */
export function chooseRegions(picker, picture, regions) {
  if (isAttached(picker, picture.id))
    picker.choose(picture.id, { regions: regions.length ? regions : undefined });
  else if (regions.length) picker.restore([{ ...picture, choice: { regions } }]);
}

/** What is needed to attach a picture of the thread to another question. */
export function pictureOf(tile) {
  const { image: id, name } = tile.dataset;
  return { id, name, thumbnail_url: tile.querySelector("img").getAttribute("src"), notes: [] };
}

/** Where a region is, as a sentence. */
export function placeOf(region) {
  return text("region-place", { letter: region.letter, ...sharesOf(region) });
}
