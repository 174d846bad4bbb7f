// A dialog in which boxes are drawn on a picture, by pointer or by keys: {letter, x, y, width, height}, in fractions of
// the picture. templates/_box_editing.html is what it shows.

import { cornersOf, isIn } from "./boxes.js";
import { Drags, stepOf } from "./drags.js";
import { originalUrl } from "./originals.js";
import { PictureOverlay } from "./picture-overlay.js";
import { between, middleBox, moved, sized } from "./region-boxes.js";
import { drawnCorners, drawnRegion } from "./region-drawing.js";
import { text } from "./strings.js";
import { Viewport } from "./viewport.js";

/**
 * What is extended says what such a box is to it: `made(sides)` returns a new one, or null where there can be none, and
 * `redrawn(box)` one that has other sides now; `placeOf(box)` says where it is, `fill(item, box)` shows it in its item of
 * the list. `kept()` follows when what is drawn is set, `removed(box)` when one is gone, `stepped(isNew)` a step by key,
 * `entered()` the key Enter, `closed()` the end.
 */
export class BoxEditing extends HTMLElement {
  #boxes = [];
  #set = []; // the boxes as they were set last
  #letter = null; // of the chosen one
  #drags;
  #picture = Object.assign(new Image(), { alt: "", draggable: false });
  #viewport;
  #overlay;

  connectedCallback() {
    const [svg, stage] = [this.#svg, this.#part("stage")];
    stage.prepend(this.#picture);
    this.#viewport = new Viewport(stage, this.#picture);
    this.#overlay = new PictureOverlay(this.#picture, stage, svg);
    this.#picture.addEventListener("load", () => this.#loaded());
    this.#picture.addEventListener("error", () => this.say(text("upload-not-kept")));
    this.#drags = new Drags(svg, {
      begin: (event) => this.#taken(event),
      end: (isLong) => this.#released(isLong),
      drop: () => this.#dropped(),
    });
    svg.addEventListener("keydown", (event) => this.#keyPressed(event));
    svg.addEventListener("focusin", ({ target }) => this.#select(letterOf(target)));
    this.addEventListener("click", ({ target }) => this.#clicked(target.closest("button")));
    this.dialog.addEventListener("close", () => this.#closed());
  }

  get dialog() {
    return this.querySelector("dialog");
  }

  get boxes() {
    return this.#boxes;
  }

  get chosen() {
    return this.#boxes.find(({ letter }) => letter === this.#letter);
  }

  /** Whether something was drawn or moved that is not set. */
  get isPending() {
    return this.#boxes !== this.#set;
  }

  /** Begin with a picture and the boxes that are set on it; the dialog is open. */
  beginAt({ id, name }, boxes) {
    this.#part("name").textContent = name;
    this.say("");
    this.#viewport.showOriginal(false);
    this.#picture.src = originalUrl(id);
    this.show(boxes);
    this.#svg.focus();
  }

  /** Show these, which are set; none of them is chosen. */
  show(boxes) {
    this.#boxes = this.#set = boxes;
    this.#letter = null;
    this.#draw();
  }

  /** Show this one in the place of that with its letter; it is set. */
  put(box) {
    this.#boxes = this.#set = this.#with(box);
  }

  /** What is shown counts from now on. */
  set() {
    this.#set = this.#boxes;
    this.kept();
    this.#draw();
  }

  /** Add one in the middle, for whoever has no pointer to draw it. */
  addInTheMiddle() {
    if (this.#add(middleBox(this.size))) this.stepped(true);
  }

  /** The size of the picture in its own pixels. */
  get size() {
    return { width: this.#picture.naturalWidth || 1, height: this.#picture.naturalHeight || 1 };
  }

  redrawn(box) {
    return box;
  }

  stepped() {}

  itemOf({ letter }) {
    return this.#part("list").querySelector(`[data-item="${letter}"]`);
  }

  /** Take the focus to the chosen box, or to the picture. */
  takeFocus() {
    (this.#svg.querySelector(`[data-outline="${this.#letter}"]`) ?? this.#svg).focus();
  }

  /** Where the focus goes when one is drawn. */
  takeFocusOfDrawn() {
    this.takeFocus();
  }

  say(words) {
    this.#part("note").textContent = words;
  }

  tell(words) {
    this.#part("status").textContent = words;
  }

  get #svg() {
    return this.querySelector("svg[data-shapes]");
  }

  #part(name) {
    return this.querySelector(`[data-${name}]`);
  }

  get #isReady() {
    return this.#picture.complete && this.#picture.naturalWidth > 0;
  }

  #loaded() {
    this.#draw();
    this.#nameZoom();
  }

  #clicked(button) {
    if (!button || button.ariaDisabled === "true") return;
    const { item } = button.closest("[data-item]")?.dataset ?? {};
    if ("remove" in button.dataset) this.#remove(item);
    else if (item) this.#take(item);
    else if ("add" in button.dataset) this.addInTheMiddle();
    else if ("zoom" in button.dataset) this.#zoom();
    else this.#finish();
  }

  #zoom() {
    this.#viewport.showOriginal(!this.#viewport.isOriginal);
    const { x, y, width, height } = this.chosen ?? { x: 0, y: 0, width: 1, height: 1 };
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

  /** Add one that is not set yet, and take hold of it. Returns false where that cannot be. */
  #add(sides) {
    const box = this.#isReady ? this.made(sides) : null;
    if (!box) return false;
    this.#boxes = [...this.#boxes, box];
    this.#take(box.letter);
    this.tell(this.placeOf(box));
    return true;
  }

  #change(sides) {
    this.#boxes = this.#with(this.redrawn({ ...this.chosen, ...sides }));
    this.#draw();
  }

  #with(box) {
    return this.#boxes.map((each) => (each.letter === box.letter ? box : each));
  }

  #remove(letter) {
    const box = this.#boxes.find((each) => each.letter === letter);
    this.show(this.#boxes.filter((each) => each !== box));
    this.removed(box);
    this.#svg.focus();
  }

  #revert() {
    this.#boxes = this.#set;
    if (!this.chosen) this.#letter = null;
  }

  #select(letter) {
    if (letter === this.#letter) return;
    this.#letter = letter;
    this.#draw();
  }

  #take(letter) {
    this.#select(letter);
    this.takeFocus();
  }

  // drawing

  #draw() {
    const { activeElement } = this.getRootNode();
    const hadFocus = activeElement !== this.#svg && this.#svg.contains(activeElement);
    this.#overlay.show(...(this.#isReady ? this.#boxes.map((box) => this.#shapeOf(box)) : []));
    if (hadFocus) this.takeFocus();
    this.#part("none").hidden = this.#boxes.length > 0;
    this.#list();
  }

  /** Items that are shown stay where they are: one of them may have the focus. */
  #list() {
    const list = this.#part("list");
    for (const item of list.querySelectorAll("[data-item]"))
      if (!this.#boxes.some(({ letter }) => letter === item.dataset.item)) item.remove();
    for (const box of this.#boxes) {
      const item = this.itemOf(box) ?? this.#newItem(box);
      item.toggleAttribute("data-chosen", box.letter === this.#letter);
      this.fill(item, box);
    }
  }

  #newItem({ letter }) {
    const item = this.querySelector("template").content.firstElementChild.cloneNode(true);
    item.dataset.item = letter;
    item.querySelector("b").textContent = letter;
    this.#part("list").append(item);
    return item;
  }

  #shapeOf(box) {
    const isChosen = box.letter === this.#letter;
    const { clientWidth: width, clientHeight: height } = this.#picture;
    const shape = drawnRegion(box, height, isChosen);
    shape.setAttribute("tabindex", "0");
    shape.setAttribute("role", "button");
    shape.setAttribute("aria-label", this.placeOf(box));
    if (isChosen) shape.append(...drawnCorners(box, { width, height }));
    return shape;
  }

  // by pointer

  /** Take hold of what lies here, or begin to draw; see drags.js. */
  #taken(event) {
    if (!this.#isReady) return null;
    if (this.isPending) this.set();
    const drag = this.#dragFrom(this.#viewport.placeAt(event), event.target.dataset.corner);
    this.takeFocus();
    return drag;
  }

  #dragFrom(from, corner) {
    const box = this.chosen;
    if (corner) return { to: this.#sizing(cornersOf(box)[Number(corner)].fixed) };
    const to = box && isIn(box, from) ? this.#moving(box, from) : this.#drawing(from);
    return { to, tap: () => this.#choose(from) };
  }

  #sizing(fixed) {
    return (event) => this.#change(between(fixed, this.#viewport.placeAt(event), this.size));
  }

  #moving(box, from) {
    return (event) => {
      const { x, y } = this.#viewport.placeAt(event);
      this.#change(moved(box, x - from.x, y - from.y, this.size));
    };
  }

  #drawing(from) {
    let isNew = true;
    return (event) => {
      const sides = between(from, this.#viewport.placeAt(event), this.size);
      if (!isNew) return this.#change(sides);
      isNew = false;
      return this.#add(sides);
    };
  }

  #released(isLong) {
    if (!isLong || !this.isPending) return this.takeFocus();
    this.set();
    this.tell(this.placeOf(this.chosen));
    this.takeFocusOfDrawn();
  }

  #dropped() {
    this.#revert();
    this.#draw();
  }

  /** Take hold of the smallest box here; where there are several, of the next larger one each time. */
  #choose(place) {
    const here = this.#boxes
      .filter((box) => isIn(box, place))
      .sort((one, other) => one.width * one.height - other.width * other.height);
    const next = here.findIndex(({ letter }) => letter === this.#letter) + 1;
    this.#select((here[next] ?? here[0])?.letter ?? null);
  }

  // by keyboard

  #keyPressed(event) {
    const { key, shiftKey } = event;
    const way = stepOf(key, this.size);
    if (way) this.#arrowPressed(way, shiftKey);
    else if (key === "Enter") this.entered();
    else if ((key === "Delete" || key === "Backspace") && this.chosen) this.#remove(this.#letter);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #arrowPressed([byX, byY], isSizing) {
    if (!this.chosen) return this.addInTheMiddle();
    const { width, height } = this.size;
    const change = isSizing ? sized : moved;
    this.#change(change(this.chosen, byX / width, byY / height, this.size));
    this.#svg.querySelector(`[data-outline="${this.#letter}"]`).scrollIntoView({ block: "nearest" });
    this.tell(this.placeOf(this.chosen));
    this.stepped(false);
  }

  // its end

  #finish() {
    if (this.isPending) this.set();
    this.dialog.close();
  }

  #closed() {
    this.#drags.forget();
    this.#revert();
    this.#picture.removeAttribute("src");
    this.closed();
  }
}

function letterOf(target) {
  return target.closest("[data-outline]")?.dataset.outline ?? null;
}
