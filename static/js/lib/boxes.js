// Boxes in a picture: {x, y, width, height} in fractions of its sides. `size` is that of the picture in pixels.

/** Shorter sides show a model nothing. */
export const LEAST_PX = 16;

/** The box of which these places are corners, at least of the smallest size. */
export function between(from, to, size) {
  const [left, right] = ordered(within(from.x, 0, 1), within(to.x, 0, 1));
  const [top, bottom] = ordered(within(from.y, 0, 1), within(to.y, 0, 1));
  return grown({ x: left, y: top, width: right - left, height: bottom - top }, size);
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
  const x = within(box.x + alongX, 0, 1 - box.width);
  const y = within(box.y + alongY, 0, 1 - box.height);
  return onPixels({ ...box, x, y }, size);
}

/** The same box with its right and its lower side elsewhere. */
export function sized(box, alongX, alongY, size) {
  const least = leastOf(size);
  const width = within(box.width + alongX, least.width, 1 - box.x);
  const height = within(box.height + alongY, least.height, 1 - box.y);
  return onPixels({ ...box, width, height }, size);
}

/** The corners, each with the one that stays where it is while this one is dragged. */
export function cornersOf({ x, y, width, height }) {
  const across = [x, x + width];
  const down = [y, y + height];
  return [0, 1].flatMap((row) =>
    [0, 1].map((column) => ({
      at: { x: across[column], y: down[row] },
      fixed: { x: across[1 - column], y: down[1 - row] },
    })),
  );
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

function ordered(one, other) {
  return one < other ? [one, other] : [other, one];
}

function within(value, least, most) {
  return Math.min(Math.max(value, least), most);
}
