// The pictures of the message that is being written change places: by dragging, by the arrow keys, or by a click.

import { announce } from "./announce.js";
import { text } from "./strings.js";

const known = new WeakSet();
const STEPS = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1 };

let wasDragged = false;

/** Let the pictures of this picker be moved; once is enough. */
export function letReorder(picker) {
  if (known.has(picker)) return;
  known.add(picker);
  picker.addEventListener("keydown", (event) => keyPressed(picker, event));
  picker.addEventListener("pointerdown", (event) => grasped(picker, event));
  picker.addEventListener("click", ({ target }) => {
    if (target.closest("[data-move]") && !wasDragged) step(picker, picker.uploadOf(target));
  });
}

function keyPressed(picker, event) {
  const by = STEPS[event.key];
  if (!by || !event.target.closest("[data-move]")) return;
  event.preventDefault();
  const isMirrored = /Left|Right/.test(event.key) && getComputedStyle(picker).direction === "rtl";
  const upload = picker.uploadOf(event.target);
  const to = picker.placeOf(upload) + (isMirrored ? -by : by);
  if (to >= 0 && to < picker.count) move(picker, upload, to);
}

/** One place on, the last one to the beginning: who has one button only reaches every place. */
function step(picker, upload) {
  move(picker, upload, (picker.placeOf(upload) + 1) % picker.count);
}

function move(picker, upload, to) {
  picker.move(upload, to);
  upload.element.scrollIntoView({ block: "nearest" });
  announce(`${upload.name}: ${text("lightbox-position", { index: to + 1, count: picker.count })}`);
}

/** By its handle, and with a mouse by the picture itself: a finger on that scrolls. */
function grasped(picker, { target, button, pointerType }) {
  wasDragged = false;
  const handle = target.closest(pointerType === "mouse" ? ".upload-picture" : "[data-move]");
  if (!handle || button !== 0 || picker.count < 2) return;
  const upload = picker.uploadOf(handle);
  const life = new AbortController();
  const { signal } = life;
  let over = upload.element;
  const moved = ({ clientX, clientY }) => {
    const tile = document.elementFromPoint(clientX, clientY)?.closest("[data-upload]");
    if (!tile || tile === over) return;
    over = tile;
    const other = picker.uploadOf(tile);
    if (!other || other === upload) return;
    wasDragged = true;
    upload.element.dataset.dragged = "";
    move(picker, upload, picker.placeOf(other));
  };
  const ended = () => {
    delete upload.element.dataset.dragged;
    life.abort();
  };
  document.addEventListener("pointermove", moved, { signal });
  for (const type of ["pointerup", "pointercancel"]) document.addEventListener(type, ended, { signal });
}
