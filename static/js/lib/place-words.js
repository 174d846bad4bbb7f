// Where something is in a picture, in words.

import { number } from "./strings.js";

/** The numbers of a box in fractions of the picture, as people read them. */
export function sharesOf({ x, y, width, height }) {
  const share = (fraction) => number(fraction, { style: "percent" });
  return { x: share(x), y: share(y), width: share(width), height: share(height) };
}
