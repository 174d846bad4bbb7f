// Boxes, {x, y, width, height}, in any unit; `limits` is the size of the picture in it. An arrow is one too: its width and
// height may be negative.

/** The box of which these places are corners. */
export function boxBetween(from, to) {
  const [left, right] = ordered(from.x, to.x);
  const [top, bottom] = ordered(from.y, to.y);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The box moved, as far as it stays within the limits. */
export function shifted(box, byX, byY, limits) {
  const { x, y, width, height } = boxBetween(...endsOf(box));
  return {
    ...box,
    x: box.x + within(byX, -x, limits.width - width - x),
    y: box.y + within(byY, -y, limits.height - height - y),
  };
}

/** The box with its far corner moved, within the limits; it is at least as large as `least`. */
export function extended(box, byX, byY, limits, least) {
  const width = Math.max(least.width, box.width + byX);
  const height = Math.max(least.height, box.height + byY);
  return {
    ...box,
    width: within(width, -box.x, limits.width - box.x),
    height: within(height, -box.y, limits.height - box.y),
  };
}

/** The place where it begins, and the one where it ends. */
export function endsOf({ x, y, width, height }) {
  return [
    { x, y },
    { x: x + width, y: y + height },
  ];
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

export function isIn({ x, y, width, height }, place) {
  return place.x >= x && place.x <= x + width && place.y >= y && place.y <= y + height;
}

export function placeWithin({ x, y }, limits) {
  return { x: within(x, 0, limits.width), y: within(y, 0, limits.height) };
}

export function within(value, least, most) {
  return Math.min(Math.max(value, least), most);
}

function ordered(one, other) {
  return one < other ? [one, other] : [other, one];
}
