// Regions as SVG: {letter, x, y, width, height}, in fractions of the picture, whatever size that has on the screen.

import { cornersOf } from "./boxes.js";
import { element, words } from "./svg.js";

const COLOUR = "#0b6f6a";
const LABEL_PX = 20;
const HANDLE_PX = 6; // seen
const GRIP_PX = 20; // hit: targets are 40 px
const LEAST_GRIP_PX = 9;

/** The outline of a region with its letter, in a picture that is shown so high; one that is pointed out is stronger. */
export function drawnRegion(region, shownHeight, isStrong = false) {
  const group = drawnOutline(region, isStrong ? 5 : 3);
  group.append(letterOf(region, shownHeight));
  return group;
}

/** The outline alone: over a picture so small that the letter would hide the place. */
export function drawnOutline(region, width = 2) {
  const group = element("g", { "data-outline": region.letter });
  group.append(
    rectangle(region, { stroke: "white", "stroke-width": width + 2 }),
    rectangle(region, { stroke: COLOUR, "stroke-width": width }),
  );
  return group;
}

/** The corners of a region, to be dragged: each has its number as `data-corner`. `shown` is the size of the picture. */
export function drawnCorners(region, shown) {
  const shorter = Math.min(region.width * shown.width, region.height * shown.height);
  const grip = Math.min(GRIP_PX, Math.max(LEAST_GRIP_PX, shorter / 3));
  return cornersOf(region).flatMap(({ at }, corner) => {
    const place = { cx: percent(at.x), cy: percent(at.y) };
    return [
      element("circle", { ...place, r: HANDLE_PX, fill: "white", stroke: COLOUR, "stroke-width": 2 }),
      element("circle", { ...place, r: grip, fill: "transparent", class: "grip", "data-corner": corner }),
    ];
  });
}

/** The letter, above the region where the picture has room for it. */
function letterOf({ letter, x, y }, shownHeight) {
  const lift = y * shownHeight < LABEL_PX ? 0 : -LABEL_PX;
  const corner = element("svg", { x: percent(x), y: percent(y), overflow: "visible" });
  const drawn = words(letter, {
    x: LABEL_PX / 2,
    y: lift + LABEL_PX / 2,
    fill: "white",
    "font-size": 13,
    "font-weight": 600,
    "text-anchor": "middle",
    "dominant-baseline": "central",
  });
  corner.append(
    element("rect", { y: lift, width: LABEL_PX, height: LABEL_PX, rx: 4, fill: COLOUR, stroke: "white" }),
    drawn,
  );
  return corner;
}

function rectangle({ x, y, width, height }, attributes) {
  const sides = { x: percent(x), y: percent(y), width: percent(width), height: percent(height) };
  return element("rect", { ...sides, fill: "none", ...attributes });
}

function percent(fraction) {
  return `${100 * fraction}%`;
}
