// A place that a model has named, asked about: its picture goes with the next question, with the place as a region.

import { sizeOf } from "./originals.js";
import { grown } from "./region-boxes.js";
import {
  chooseRegions,
  freeLetter,
  hasRoom,
  isAttached,
  MAX_REGIONS,
  pictureOf,
  regionsOf,
} from "./regions.js";
import { text } from "./strings.js";

/** The place is in fractions of the picture; a point has no size. */
export async function ask({ imageId, x, y, width, height, box = { x, y, width, height } }) {
  const composer = document.querySelector("chat-composer");
  const picker = composer.querySelector("image-picker");
  const tile = document.querySelector(`[data-thread] [data-image="${CSS.escape(imageId)}"]`);
  const size = tile && (await sizeOf(tile.href));
  if (!size) return composer.say(text("upload-not-kept"), "wrong");
  const regions = regionsOf(picker, imageId);
  const letter = freeLetter(picker, imageId, regions);
  if (!isAttached(picker, imageId) && !hasRoom(picker)) return composer.say(text("no-room"), "wrong");
  if (letter === null) return composer.say(text("regions-full", { count: MAX_REGIONS }), "wrong");
  const region = { letter, ...grown(box, size), drawn_by: "model" };
  chooseRegions(picker, pictureOf(tile), [...regions, region]);
  composer.querySelector("textarea").focus();
}
