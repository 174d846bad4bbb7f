// What is done to a picture before it is sent: {flip, turns, shapes}, and how the server is told of it.

import { answer, csrfHeaders, FORBIDDEN, renewToken } from "./http.js";
import { isPoint, isWhole, numbered } from "./picture-shapes.js";
import { sharesOf } from "./place-words.js";
import { text } from "./strings.js";

const CREATED = 201;

export function freshEdit(shapes = []) {
  return { flip: false, turns: 0, shapes };
}

/** What is sent to the server of an edit; `size` is that of the picture as it is turned. */
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

/** The marks that a picture has already, as shapes; null where they do not come. */
export async function marksOf({ id }) {
  const response = await answer(`/images/${id}/marks/`);
  if (!response?.ok) return null;
  const { marks } = await response.json();
  return marks.map((mark) => ({ width: 0, height: 0, text: "", ...mark }));
}

/** Have the server make a picture by an edit, written as JSON. Returns {made}, or {refusal}, a sentence. */
export async function makeEdited({ id, choice }, body) {
  const response = await send(`/images/${id}/edit/`, body);
  const answered = await response?.json().catch(() => null);
  if (response?.status !== CREATED) return { refusal: answered?.message ?? text("request-failed") };
  return { made: { ...answered, choice: choiceAfter(body, choice) } };
}

/** Where a shape is, as a sentence; `name` is that of its tool, `size` that of the picture. */
export function placeOfShape(shape, name, { width, height }) {
  const [x, y] = [shape.x / width, shape.y / height];
  const sides = { width: Math.abs(shape.width) / width, height: Math.abs(shape.height) / height };
  return text(isPoint(shape) ? "point-place" : "shape-place", { name, ...sharesOf({ x, y, ...sides }) });
}

/** What was chosen about a picture, as far as it holds for what was made of it. */
function choiceAfter(body, { detail, ...places }) {
  const { flip, turns, crop } = JSON.parse(body);
  return { detail, ...(flip || turns || crop ? {} : places) };
}

async function send(url, body) {
  const request = () =>
    answer(url, {
      method: "POST",
      headers: { ...csrfHeaders(), "Content-Type": "application/json" },
      body,
    });
  const response = await request();
  return response?.status === FORBIDDEN && (await renewToken()) ? request() : response;
}

function isMark(kind) {
  return !["crop", "redact"].includes(kind);
}

function boxOf({ x, y, width, height }) {
  return { x, y, width, height };
}
