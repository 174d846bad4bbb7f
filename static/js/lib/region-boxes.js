// The boxes of regions, in fractions of a picture. `size` is that of the picture in pixels.

import { boxBetween, extended, placeWithin, shifted, within } from "./boxes.js";

const LEAST_PX = 16; // shorter sides show a model nothing
const WHOLE = { width: 1, height: 1 };

/** The box of which these places are corners, at least of the smallest size. */
export function between(from, to, size) {
  return grown(boxBetween(placeWithin(from, WHOLE), placeWithin(to, WHOLE)), size);
}

/** A box for whoever has no pointer to draw one. */
export function middleBox(size) {
  return grown({ x: 0.35, y: 0.35, width: 0.3, height: 0.3 }, size);
}

/** The same box, at least of the smallest size, within the picture and on its pixels. */
export function grown(box, size) {
  const least = leastOf(size);
  const width = within(box.width, least.width, 1);
  const height = within(box.height, least.height, 1);
  const x = within(box.x - (width - box.width) / 2, 0, 1 - width);
  const y = within(box.y - (height - box.height) / 2, 0, 1 - height);
  return onPixels({ x, y, width, height }, size);
}

export function moved(box, alongX, alongY, size) {
  return onPixels(shifted(box, alongX, alongY, WHOLE), size);
}

/** The same box with its right and its lower side elsewhere. */
export function sized(box, alongX, alongY, size) {
  return onPixels(extended(box, alongX, alongY, WHOLE, leastOf(size)), size);
}

function leastOf(size) {
  return { width: Math.min(1, LEAST_PX / size.width), height: Math.min(1, LEAST_PX / size.height) };
}

/** What is cut out are whole pixels. */
function onPixels(box, { width, height }) {
  const left = Math.round(box.x * width);
  const top = Math.round(box.y * height);
  const right = Math.round((box.x + box.width) * width);
  const bottom = Math.round((box.y + box.height) * height);
  return {
    ...box,
    x: left / width,
    y: top / height,
    width: (right - left) / width,
    height: (bottom - top) / height,
  };
}
