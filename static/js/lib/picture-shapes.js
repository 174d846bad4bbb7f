// The shapes that a person puts on a picture: {kind, x, y, width, height, text}, in pixels of the picture as it is turned.
// Kinds are crop, redact, box and arrow, and the points number and text, which have no extent.

import { boxBetween, cornersOf, endsOf, extended, shifted } from "./boxes.js";

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
  const [from, to] = endsOf(shape).map(map);
  return between(shape, from, to);
}

/** The shape from one point to another, whole pixels; only an arrow knows where it begins. */
export function between(shape, from, to) {
  const [start, end] = [from, to].map(onPixels);
  if (isPoint(shape)) return { ...shape, ...start, width: 0, height: 0 };
  if (shape.kind === "arrow") return { ...shape, ...start, width: end.x - start.x, height: end.y - start.y };
  return { ...shape, ...boxBetween(start, end) };
}

/** The shape moved, as far as it stays within the picture. */
export function movedShape(shape, byX, byY, size) {
  const moved = shifted(shape, byX, byY, size);
  return { ...moved, ...onPixels(moved) };
}

/** The shape with its far corner moved, as far as there is picture. */
export function sizedShape(shape, byX, byY, size) {
  const least = shape.kind === "arrow" ? Number.NEGATIVE_INFINITY : 1;
  const sized = extended(shape, byX, byY, size, { width: least, height: least });
  return { ...sized, width: Math.round(sized.width), height: Math.round(sized.height) };
}

/** The corners of a shape by which it is sized; of an arrow its ends. Each knows the point that stays. */
export function handlesOf(shape) {
  if (shape.kind !== "arrow") return cornersOf(shape);
  const [from, to] = endsOf(shape);
  return [
    { at: from, fixed: to },
    { at: to, fixed: from },
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

/** The same shapes, of which the numbers count. */
export function numbered(shapes) {
  let count = 0;
  return shapes.map((shape) => (shape.kind === "number" ? { ...shape, text: String(++count) } : shape));
}

/** Whether the crop leaves nothing out. */
export function isWhole({ x, y, width, height }, size) {
  return x === 0 && y === 0 && width === size.width && height === size.height;
}

function onPixels({ x, y }) {
  return { x: Math.round(x), y: Math.round(y) };
}
