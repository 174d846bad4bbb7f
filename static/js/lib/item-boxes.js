// The boxes that reviewers have drawn on the pictures of a message, listed below it. What is drawn is saved at once.

import { send, wordOf } from "./item-requests.js";
import { DRAFT_TEXTS, Keeper } from "./keeper.js";
import { forgetSaved, isSame, readLocal, writeLocal } from "./local-texts.js";
import { text } from "./strings.js";

const keepers = new Map(); // by the ids of boxes

/** Let the lightbox draw the boxes that are listed below a message. */
export function showOnTile(boxes) {
  const tile = tileOf(boxes);
  if (!tile) return;
  const ofOthers = [...boxes.querySelectorAll("[data-others-box]")].map((item) => ({
    ...sidesOf(item),
    letter: item.dataset.othersBox,
  }));
  tile.dataset.boxes = JSON.stringify([...boxesOf(boxes), ...ofOthers]);
}

/** The tile of the picture on which the boxes of a list are. */
export function tileOf(list) {
  const { message } = list.closest("review-notes").dataset;
  const at = `[data-message-id="${message}"] [data-image="${list.dataset.picture}"]`;
  return list.getRootNode().querySelector(at);
}

/** List these boxes below their message. */
export function listBoxes(list, boxes) {
  const template = list.closest("[data-thread]").querySelector("template[data-box-item]");
  const items = boxes.map(({ id, x, y, width, height, labels }, index) => {
    const item = template.content.firstElementChild.cloneNode(true);
    item.dataset.box = id;
    item.dataset.sides = [x, y, width, height].join(" ");
    item.querySelector("b").textContent = index + 1;
    item.querySelector("[data-box-labels]").textContent = labels;
    return item;
  });
  list.querySelector("[data-box-list]").replaceChildren(...items);
  showOnTile(list);
}

/** The boxes of a list: {id, letter, x, y, width, height, labels}, of which the letter is a number here. */
export function boxesOf(boxes) {
  return [...boxes.querySelectorAll("[data-box]")].map((item, index) => {
    return { id: item.dataset.box, letter: String(index + 1), ...sidesOf(item) };
  });
}

function sidesOf(item) {
  const [x, y, width, height] = item.dataset.sides.split(" ").map(Number);
  return { x, y, width, height, labels: item.querySelector("[data-box-labels]").textContent };
}

// what is saved

/** Save a box. */
export function keepBox(list, { id, x, y, width, height, labels }) {
  const split = labels.split(",").filter((label) => label.trim());
  keep(list, id, { id, image: list.dataset.picture, x, y, width, height, labels: split });
}

/** Remove the box with this id, and show the others. */
export function eraseBox(list, id) {
  keep(list, id, null);
  listBoxes(
    list,
    boxesOf(list).filter((box) => box.id !== id),
  );
}

/** Show again what this browser has drawn, or erased, and the server does not know. */
export function restoreBoxes(list) {
  const local = Object.entries(readLocal(keyOf(list)) ?? {});
  if (!local.length) return;
  const boxes = new Map(boxesOf(list).map((box) => [box.id, box]));
  for (const [id, box] of local) {
    if (box) boxes.set(id, { ...box, labels: box.labels.join(", ") });
    else boxes.delete(id);
    keep(list, id, box);
  }
  listBoxes(list, [...boxes.values()]);
}

/** Save a box, or with null that it is gone. */
function keep(list, id, box) {
  const key = keyOf(list);
  writeLocal(key, { ...readLocal(key), [id]: box });
  if (!keepers.has(id)) keepers.set(id, keeperOf(list, id));
  keepers.get(id).keep(box);
}

function keyOf(list) {
  const { person } = document.querySelector("review-item").dataset;
  return `item-boxes:${person}:${list.closest("review-notes").dataset.message}:${list.dataset.picture}`;
}

function keeperOf(list, id) {
  const { boxes } = list.closest("[data-thread]").dataset;
  const { address } = list.closest("review-notes");
  const note = list.getRootNode().querySelector("box-editor [data-note]");
  const key = keyOf(list);
  const sendBox = async (box) => {
    const word = wordOf(await send(box ? `${address}boxes/` : `${boxes}${id}/erase/`, box ?? {}));
    const { [id]: local, ...others } = readLocal(key) ?? {};
    if (word === "saved" && isSame(local, box)) forgetSaved(key, others); // else it was changed meanwhile
    return word;
  };
  const show = (word) => {
    if (word === "saving" || word === "saved") note.textContent = "";
    else note.textContent = DRAFT_TEXTS[word] ? text(DRAFT_TEXTS[word]) : word;
  };
  return new Keeper({ send: sendBox, show });
}
