// Shapes of picture-shapes.js as SVG: as the server draws them, with what a pointer takes hold of.

import { handlesOf, isPoint, isWhole, matrixOf } from "./picture-shapes.js";
import { element, words } from "./svg.js";

const LINES = 220; // the same as in vision_chat/services/images/marks.py
const LETTERS = 32;
const HEAD = 5;
const HANDLE_PX = 7; // seen
const GRIP_PX = 20; // hit: targets are 40 px

/** The picture itself. */
export function drawnPicture(href, edit, size) {
  const picture = element("image", { href, width: size.width, height: size.height });
  picture.setAttribute("transform", `matrix(${matrixOf(edit, size).join(" ")})`);
  return picture;
}

/**
 * All shapes, the crop above: each is focusable, with its index as `data-index` and the label that `labelOf` gives.
 * `pixel` is how much of the picture a pixel of the window shows.
 */
export function drawnShapes(shapes, { size, pixel, selected, tool, labelOf }) {
  const crop = shapes.find(({ kind }) => kind === "crop");
  const longer = Math.max(...(crop ? [crop.width, crop.height] : [size.width, size.height]));
  const scale = { line: Math.max(2, longer / LINES), letters: Math.max(12, longer / LETTERS), pixel };
  const drawn = shapes.map((shape, index) => {
    const group = element("g", { tabindex: 0, role: "button", class: `shape shape-${shape.kind}` });
    group.dataset.index = index;
    group.setAttribute("aria-label", labelOf(shape, index));
    group.append(...PARTS[shape.kind](shape, { ...scale, size, isHeld: tool === "crop" }));
    if (index === selected && !isPoint(shape)) group.append(...drawnHandles(shape, pixel));
    return group;
  });
  return [
    ...drawn.filter((_, index) => shapes[index] !== crop),
    ...(crop ? [drawn[shapes.indexOf(crop)]] : []),
  ];
}

const PARTS = {
  redact: (shape) => [rectangle(shape)],
  box: (shape, { line }) => [
    rectangle(shape, { class: "shape-edge", "stroke-width": line + 2 }),
    rectangle(shape, { class: "shape-line", "stroke-width": line }),
  ],
  arrow: drawnArrow,
  number: ({ x, y, text }, { letters, pixel }) => [
    element("circle", { class: "shape-grip", cx: x, cy: y, r: GRIP_PX * pixel }),
    element("circle", { class: "shape-fill", cx: x, cy: y, r: letters * 0.8, "stroke-width": letters / 12 }),
    words(text, { x, y, "font-size": letters, "text-anchor": "middle", "dominant-baseline": "central" }),
  ],
  text: ({ x, y, text }, { letters, line, pixel }) => [
    element("circle", { class: "shape-grip", cx: x, cy: y, r: GRIP_PX * pixel }),
    words(text || "…", {
      x,
      y,
      "font-size": letters,
      "stroke-width": 2 * line,
      "dominant-baseline": "text-before-edge",
    }),
  ],
  crop: (shape, { size, isHeld }) => [
    element("path", { class: "crop-shade", d: `${outline({ x: 0, y: 0, ...size })} ${outline(shape)}` }),
    rectangle(shape, { class: isHeld && !isWhole(shape, size) ? "crop-frame crop-held" : "crop-frame" }),
  ],
};

function drawnArrow({ x, y, width, height }, { line, pixel }) {
  const length = Math.hypot(width, height) || 1;
  const [alongX, alongY] = [width / length, height / length];
  const way = Math.max(0, length - HEAD * line);
  const [neckX, neckY] = [x + way * alongX, y + way * alongY];
  const half = (HEAD * line) / 2;
  const head = [
    [x + width, y + height],
    [neckX - alongY * half, neckY + alongX * half],
    [neckX + alongY * half, neckY - alongX * half],
  ];
  const shaft = { x1: x, y1: y, x2: neckX, y2: neckY };
  return [
    element("line", { class: "shape-grip", ...shaft, "stroke-width": GRIP_PX * pixel }),
    element("line", { class: "shape-edge", ...shaft, "stroke-width": line + 2 }),
    element("polygon", { class: "shape-fill", points: head.join(" ") }),
    element("line", { class: "shape-line", ...shaft, "stroke-width": line }),
  ];
}

function drawnHandles(shape, pixel) {
  return handlesOf(shape).flatMap(({ at }, handle) => {
    const seen = element("circle", { class: "handle", cx: at.x, cy: at.y, r: HANDLE_PX * pixel });
    const grip = element("circle", { class: "shape-grip", cx: at.x, cy: at.y, r: GRIP_PX * pixel });
    grip.dataset.handle = handle;
    return [seen, grip];
  });
}

function rectangle({ x, y, width, height }, attributes = {}) {
  return element("rect", { x, y, width, height, ...attributes });
}

function outline({ x, y, width, height }) {
  return `M${x} ${y}h${width}v${height}h${-width}z`;
}
