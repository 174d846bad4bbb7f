// Boxes of a reviewer on a picture of the transcript, each with labels. What is drawn is saved at once.

import "../lib/item-texts.js";
import { cornersOf, isIn } from "../lib/boxes.js";
import { Drags, stepOf } from "../lib/drags.js";
import { send } from "../lib/item-requests.js";
import { Keeper } from "../lib/keeper.js";
import { forgetLocal, readLocal, writeLocal } from "../lib/local-texts.js";
import { originalUrl } from "../lib/originals.js";
import { PictureOverlay } from "../lib/picture-overlay.js";
import { sharesOf } from "../lib/place-words.js";
import { between, middleBox, moved, sized } from "../lib/region-boxes.js";
import { drawnCorners, drawnRegion } from "../lib/region-drawing.js";
import { text } from "../lib/strings.js";
import { Viewport } from "../lib/viewport.js";
import { boxesOf, listBoxes } from "./review-notes.js";

const WORDS = { offline: "draft-offline", "signed-out": "draft-signed-out" };
const keepers = new Map(); // by the ids of boxes

/** Open it for the list of boxes of a picture. */
export function openBoxes(list) {
  list.getRootNode().querySelector("box-editor").begin(list);
}

/** Remove a box of a list without drawing. */
export function eraseBox(item) {
  const list = item.closest("[data-picture]");
  const { box: id } = item.dataset;
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
    const { word, data } = await send(box ? `${address}boxes/` : `${boxes}${id}/erase/`, box ?? {});
    if (word !== "done") return data.message ?? word;
    const { [id]: local, ...others } = readLocal(key) ?? {};
    if (JSON.stringify(local) !== JSON.stringify(box)) return "saved"; // it was changed meanwhile
    if (Object.keys(others).length) writeLocal(key, others);
    else forgetLocal(key);
    return "saved";
  };
  const show = (word) => {
    if (word === "saving" || word === "saved") note.textContent = "";
    else note.textContent = WORDS[word] ? text(WORDS[word]) : word;
  };
  return new Keeper({ send: sendBox, show });
}

class BoxEditor extends HTMLElement {
  #list; // the element that lists the boxes below the message
  #boxes = [];
  #selected = null; // an id
  #drags;
  #picture = Object.assign(new Image(), { alt: "", draggable: false });
  #viewport;
  #overlay;

  connectedCallback() {
    const svg = this.#svg;
    this.#part("stage").prepend(this.#picture);
    this.#viewport = new Viewport(this.#part("stage"), this.#picture);
    this.#overlay = new PictureOverlay(this.#picture, this.#part("stage"), svg);
    this.#picture.addEventListener("load", () => this.#loaded());
    this.#picture.addEventListener("error", () => this.#say(text("upload-not-kept")));
    this.#drags = new Drags(svg, {
      begin: (event) => this.#taken(event),
      end: (isLong) => isLong && this.#keep(),
      drop: () => this.#keep(),
    });
    svg.addEventListener("keydown", (event) => this.#keyPressed(event));
    svg.addEventListener("focusin", ({ target }) => this.#select(idOf(target)));
    this.addEventListener("click", ({ target }) => this.#clicked(target.closest("button")));
    this.addEventListener("input", ({ target }) => "label" in target.dataset && this.#labelled(target));
    this.#dialog.addEventListener("close", () => this.#closed());
  }

  begin(list) {
    this.#list = list;
    this.#boxes = boxesOf(list);
    this.#selected = null;
    const tile = tileOf(list);
    this.#part("name").textContent = tile?.dataset.name ?? "";
    this.#say("");
    this.#dialog.showModal();
    this.#viewport.showOriginal(false);
    this.#picture.src = originalUrl(list.dataset.picture);
    this.#drawAll();
    this.#svg.focus();
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  get #svg() {
    return this.querySelector("svg[data-shapes]");
  }

  #part(name) {
    return this.querySelector(`[data-${name}]`);
  }

  get #size() {
    return { width: this.#picture.naturalWidth || 1, height: this.#picture.naturalHeight || 1 };
  }

  get #isReady() {
    return this.#picture.complete && this.#picture.naturalWidth > 0;
  }

  get #box() {
    return this.#boxes.find(({ id }) => id === this.#selected);
  }

  #loaded() {
    this.#draw();
    this.#nameZoom();
  }

  #clicked(button) {
    if (!button || button.ariaDisabled === "true") return;
    const { item } = button.closest("[data-item]")?.dataset ?? {};
    if ("remove" in button.dataset) this.#remove(item);
    else if ("add" in button.dataset) this.#add(middleBox(this.#size), true);
    else if ("zoom" in button.dataset) this.#zoom();
    else if ("done" in button.dataset) this.#dialog.close();
  }

  #zoom() {
    this.#viewport.showOriginal(!this.#viewport.isOriginal);
    const { x, y, width, height } = this.#box ?? { x: 0, y: 0, width: 1, height: 1 };
    this.#viewport.centre({ x: x + width / 2, y: y + height / 2 });
    this.#nameZoom();
    this.#draw();
  }

  #nameZoom() {
    const button = this.#part("zoom");
    const { original, fitted } = button.dataset;
    button.title = this.#viewport.isOriginal ? fitted : original;
    button.querySelector("span").textContent = button.title;
    button.ariaDisabled = String(!this.#viewport.isOriginal && !this.#viewport.canGrow);
  }

  // boxes

  #add(box, isWhole = false) {
    if (!this.#isReady) return;
    const { x, y, width, height } = box;
    const id = crypto.randomUUID();
    this.#boxes = [
      ...this.#boxes,
      { id, number: String(this.#boxes.length + 1), x, y, width, height, labels: "" },
    ];
    this.#selected = id;
    this.#drawAll();
    if (isWhole) this.#keep();
    else this.#takeFocus();
  }

  #change({ x, y, width, height }) {
    this.#boxes = this.#boxes.map((box) =>
      box.id === this.#selected ? { ...box, x, y, width, height } : box,
    );
    this.#draw();
  }

  /** Save the chosen box, and let its label be typed. */
  #keep() {
    const box = this.#box;
    if (!box) return;
    this.#save(box);
    this.#tell(placeOf(box));
    this.querySelector(`[data-item="${box.id}"] input`)?.focus();
  }

  #save({ id, x, y, width, height, labels }) {
    const split = labels.split(",").filter((label) => label.trim());
    const box = { id, image: this.#list.dataset.picture, x, y, width, height, labels: split };
    keep(this.#list, id, box);
    listBoxes(this.#list, this.#boxes);
  }

  #labelled(field) {
    const { item } = field.closest("[data-item]").dataset;
    this.#boxes = this.#boxes.map((box) => (box.id === item ? { ...box, labels: field.value } : box));
    this.#save(this.#boxes.find(({ id }) => id === item));
  }

  #remove(id) {
    keep(this.#list, id, null);
    this.#boxes = this.#boxes
      .filter((box) => box.id !== id)
      .map((box, index) => ({ ...box, number: String(index + 1) }));
    this.#selected = null;
    this.#drawAll();
    listBoxes(this.#list, this.#boxes);
    this.#svg.focus();
  }

  #select(id) {
    if (id === this.#selected) return;
    this.#selected = id;
    this.#draw();
  }

  #takeFocus() {
    (this.#svg.querySelector(`[data-outline="${this.#box?.number}"]`) ?? this.#svg).focus();
  }

  // drawing

  #drawAll() {
    this.#draw();
    this.#part("none").hidden = this.#boxes.length > 0;
    this.#part("list").replaceChildren(...this.#boxes.map((box) => this.#itemOf(box)));
  }

  #draw() {
    const { activeElement } = this.getRootNode();
    const hadFocus = activeElement !== this.#svg && this.#svg.contains(activeElement);
    this.#overlay.show(...(this.#isReady ? this.#boxes.map((box) => this.#shapeOf(box)) : []));
    if (hadFocus) this.#takeFocus();
    for (const item of this.querySelectorAll("[data-item]"))
      item.toggleAttribute("data-chosen", item.dataset.item === this.#selected);
  }

  #shapeOf(box) {
    const isSelected = box.id === this.#selected;
    const { clientWidth: width, clientHeight: height } = this.#picture;
    const shape = drawnRegion({ ...box, letter: box.number }, height, isSelected);
    shape.dataset.box = box.id;
    shape.setAttribute("tabindex", "0");
    shape.setAttribute("role", "button");
    shape.setAttribute("aria-label", placeOf(box));
    if (isSelected) shape.append(...drawnCorners(box, { width, height }));
    return shape;
  }

  #itemOf(box) {
    const item = this.querySelector("template").content.firstElementChild.cloneNode(true);
    item.dataset.item = box.id;
    item.toggleAttribute("data-chosen", box.id === this.#selected);
    item.querySelector("b").textContent = box.number;
    item.querySelector("input").value = box.labels;
    item.querySelector("[data-remove] .sr-only").textContent = text("remove-box", { number: box.number });
    return item;
  }

  // by pointer

  #taken(event) {
    if (!this.#isReady) return null;
    const from = this.#viewport.placeAt(event);
    const { corner } = event.target.dataset;
    this.#takeFocus();
    const box = this.#box;
    if (corner) return { to: this.#sizing(cornersOf(box)[Number(corner)].fixed) };
    const to = box && isIn(box, from) ? this.#moving(box, from) : this.#drawing(from);
    return { to, tap: () => this.#choose(from) };
  }

  #sizing(fixed) {
    return (event) => this.#change(between(fixed, this.#viewport.placeAt(event), this.#size));
  }

  #moving(box, from) {
    return (event) => {
      const { x, y } = this.#viewport.placeAt(event);
      this.#change(moved(box, x - from.x, y - from.y, this.#size));
    };
  }

  #drawing(from) {
    let isNew = true;
    return (event) => {
      const box = between(from, this.#viewport.placeAt(event), this.#size);
      if (isNew) this.#add(box);
      else this.#change(box);
      isNew = false;
    };
  }

  /** Take hold of the smallest box here. */
  #choose(place) {
    const [here] = this.#boxes
      .filter((box) => isIn(box, place))
      .sort((one, other) => one.width * one.height - other.width * other.height);
    this.#select(here?.id ?? null);
    this.#takeFocus();
  }

  // by keyboard

  #keyPressed(event) {
    const { key, shiftKey } = event;
    const way = stepOf(key, this.#size);
    if (way) this.#arrowPressed(way, shiftKey);
    else if (key === "Enter" && this.#box) this.#keep();
    else if ((key === "Delete" || key === "Backspace") && this.#selected) this.#remove(this.#selected);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #arrowPressed([byX, byY], isSizing) {
    if (!this.#box) return this.#add(middleBox(this.#size), true);
    const { width, height } = this.#size;
    this.#change((isSizing ? sized : moved)(this.#box, byX / width, byY / height, this.#size));
    this.#save(this.#box);
    this.#tell(placeOf(this.#box));
  }

  #closed() {
    this.#drags.forget();
    this.#picture.removeAttribute("src");
    this.#overlay.show();
    this.#list.querySelector('[data-command="boxes.draw"]').focus();
  }

  #say(words) {
    this.#part("note").textContent = words;
  }

  #tell(words) {
    this.#part("status").textContent = words;
  }
}

function idOf(target) {
  return target.closest("[data-outline]")?.dataset.box ?? null;
}

function tileOf(list) {
  const { message } = list.closest("review-notes").dataset;
  const at = `[data-message-id="${message}"] [data-image="${list.dataset.picture}"]`;
  return list.getRootNode().querySelector(at);
}

function placeOf(box) {
  return text("box-place", { number: box.number, ...sharesOf(box) });
}

customElements.define("box-editor", BoxEditor);
