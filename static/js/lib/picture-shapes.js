// The shapes that a person puts on a picture: {kind, x, y, width, height, text}, in pixels of the picture as it is turned.
// Kinds are crop, redact, box and arrow, and the points number and text, which have no extent.

const POINTS = ["number", "text"];

export function isPoint({ kind }) {
  return POINTS.includes(kind);
}

/** The matrix [a, b, c, d, e, f] that flips and turns a picture of this size, as SVG writes it. */
export function matrixOf({ flip, turns }, { width, height }) {
  const turned = [
    [1, 0, 0, 1, 0, 0],
    [0, 1, -1, 0, height, 0],
    [-1, 0, 0, -1, width, height],
    [0, -1, 1, 0, 0, width],
  ][turns];
  if (!flip) return turned;
  const [a, b, c, d, e, f] = turned;
  return [-a, -b, c, d, e + a * width, f + b * width];
}

/** The size of a picture that is turned so often. */
export function turnedSize(turns, { width, height }) {
  return turns % 2 ? { width: height, height: width } : { width, height };
}

/** The shape on a picture that is turned once more; `size` is that of the picture before. */
export function turnedShape(shape, by, { width, height }) {
  return mapped(shape, ({ x, y }) => (by > 0 ? { x: height - y, y: x } : { x: y, y: width - x }));
}

/** The shape on a picture whose left and right change places. */
export function flippedShape(shape, { width }) {
  return mapped(shape, ({ x, y }) => ({ x: width - x, y }));
}

function mapped(shape, map) {
  const from = map(shape);
  const to = map({ x: shape.x + shape.width, y: shape.y + shape.height });
  return between(shape, from, to);
}

/** The shape from one point to another, whole pixels; only an arrow knows where it begins. */
export function between(shape, from, to) {
  const [left, top, right, bottom] = [from.x, from.y, to.x, to.y].map(Math.round);
  if (isPoint(shape)) return { ...shape, x: left, y: top, width: 0, height: 0 };
  if (shape.kind === "arrow") return { ...shape, x: left, y: top, width: right - left, height: bottom - top };
  return {
    ...shape,
    x: Math.min(left, right),
    y: Math.min(top, bottom),
    width: Math.abs(right - left),
    height: Math.abs(bottom - top),
  };
}

/** The shape moved, as far as it stays within the picture. */
export function movedShape(shape, byX, byY, size) {
  const [left, right] = ordered(shape.x, shape.x + shape.width);
  const [top, bottom] = ordered(shape.y, shape.y + shape.height);
  return {
    ...shape,
    x: shape.x + Math.round(within(byX, -left, size.width - right)),
    y: shape.y + Math.round(within(byY, -top, size.height - bottom)),
  };
}

/** The shape with its far corner moved, as far as there is picture. */
export function sizedShape(shape, byX, byY, size) {
  const least = shape.kind === "arrow" ? Number.NEGATIVE_INFINITY : 1;
  return {
    ...shape,
    width: Math.round(within(Math.max(least, shape.width + byX), -shape.x, size.width - shape.x)),
    height: Math.round(within(Math.max(least, shape.height + byY), -shape.y, size.height - shape.y)),
  };
}

/** The corners of a shape by which it is sized; of an arrow its ends. Each knows the point that stays. */
export function handlesOf({ kind, x, y, width, height }) {
  const [from, to] = [
    { x, y },
    { x: x + width, y: y + height },
  ];
  if (kind === "arrow")
    return [
      { at: from, fixed: to },
      { at: to, fixed: from },
    ];
  const [across, down] = [
    { x: to.x, y: from.y },
    { x: from.x, y: to.y },
  ];
  return [
    { at: from, fixed: to },
    { at: across, fixed: down },
    { at: to, fixed: from },
    { at: down, fixed: across },
  ];
}

/** A new shape of this kind in the middle of the picture. */
export function middleShape(kind, size) {
  const from = { x: size.width * 0.4, y: size.height * 0.4 };
  const to = { x: size.width * 0.6, y: size.height * 0.6 };
  const middle = { x: size.width / 2, y: size.height / 2 };
  return isPoint({ kind })
    ? between({ kind, text: "" }, middle, middle)
    : between({ kind, text: "" }, from, to);
}

export function placeWithin({ x, y }, { width, height }) {
  return { x: within(x, 0, width), y: within(y, 0, height) };
}

/** What is sent to the server of these shapes. */
export function editOf({ flip, turns, shapes }, size) {
  const crop = shapes.find(({ kind }) => kind === "crop");
  const marks = numbered(shapes).filter(({ kind, text }) => isMark(kind) && (kind !== "text" || text.trim()));
  return {
    flip,
    turns,
    crop: crop && !isWhole(crop, size) ? boxOf(crop) : null,
    redactions: shapes.filter(({ kind }) => kind === "redact").map(boxOf),
    marks: marks.map((mark) => ({ kind: mark.kind, text: mark.text.trim(), ...boxOf(mark) })),
  };
}

/** The same shapes, of which the numbers count. */
export function numbered(shapes) {
  let count = 0;
  return shapes.map((shape) => (shape.kind === "number" ? { ...shape, text: String(++count) } : shape));
}

/** Whether the crop leaves nothing out. */
export function isWhole({ x, y, width, height }, size) {
  return x === 0 && y === 0 && width === size.width && height === size.height;
}

function isMark(kind) {
  return !["crop", "redact"].includes(kind);
}

function boxOf({ x, y, width, height }) {
  return { x, y, width, height };
}

function ordered(one, other) {
  return one < other ? [one, other] : [other, one];
}

function within(value, least, most) {
  return Math.min(Math.max(value, least), most);
}
