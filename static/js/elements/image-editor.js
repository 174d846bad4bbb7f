// Preparing a picture that is not sent yet: crop, redact, turn, flip, marks. The server makes a new picture of it.

import { placeWithin } from "../lib/boxes.js";
import { show } from "../lib/dialogs.js";
import { Drags, stepOf } from "../lib/drags.js";
import { editOf, freshEdit, makeEdited, marksOf, placeOfShape } from "../lib/image-edits.js";
import { originalUrl, sizeOf } from "../lib/originals.js";
import {
  between,
  flippedShape,
  handlesOf,
  isPoint,
  middleShape,
  movedShape,
  numbered,
  sizedShape,
  turnedShape,
  turnedSize,
} from "../lib/picture-shapes.js";
import { drawnPicture, drawnShapes } from "../lib/shape-drawing.js";
import { text } from "../lib/strings.js";

/** Edit the picture of the tile with this button, with this tool at first. */
export async function open(button, tool) {
  const picker = button.closest("image-picker");
  const upload = picker.uploadOf(button);
  const editor = await show("image-editor");
  await editor.begin(picker, upload, tool);
}

/** What is done to a picture is {flip, turns, shapes}; it is kept while the page is, until it is set or cancelled. */
class ImageEditor extends HTMLElement {
  #kept = new Map(); // by the id of the picture
  #picker;
  #upload;
  #size = { width: 1, height: 1 }; // of the picture as it came
  #first = ""; // what would be sent if nothing were done
  #edit = freshEdit();
  #tool = "crop";
  #selected = null; // the index of a shape
  #before = null; // the edit before the selected shape was taken hold of
  #drags;

  connectedCallback() {
    const svg = this.#svg;
    this.#drags = new Drags(svg, {
      begin: (event) => this.#taken(event),
      end: () => this.#released(),
      drop: () => this.#revert(),
    });
    svg.addEventListener("keydown", (event) => this.#keyPressed(event));
    svg.addEventListener("focusin", ({ target }) => this.#focused(target));
    this.addEventListener("click", ({ target }) => this.#clicked(target.closest("button")));
    this.#words.addEventListener("input", () => this.#written());
    this.#words.addEventListener("keydown", (event) => this.#wordsKeyPressed(event));
    this.#dialog.addEventListener("close", () => this.#leave());
    new ResizeObserver(() => this.#draw()).observe(svg);
  }

  async begin(picker, upload, tool) {
    [this.#picker, this.#upload] = [picker, upload];
    this.#part("name").textContent = upload.name;
    this.#part("removed").textContent = upload.removed.join(" · ");
    this.#say("");
    this.#busy(true);
    this.#edit = freshEdit();
    this.#choose(tool);
    const [size, marks] = await Promise.all([sizeOf(originalUrl(upload.id)), marksOf(upload)]);
    if (this.#upload !== upload) return;
    this.#busy(false);
    if (!size || !marks) return this.#say(text("not-loaded"));
    this.#size = size;
    this.#first = JSON.stringify(editOf(freshEdit(marks), size));
    this.#edit = this.#kept.get(upload.id) ?? freshEdit(marks);
    this.#select(null);
    this.#svg.focus();
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  get #svg() {
    return this.querySelector("svg[data-canvas]");
  }

  get #words() {
    return this.querySelector("input");
  }

  #part(name) {
    return this.querySelector(`[data-${name}]`);
  }

  /** The size of the picture as it is turned now. */
  get #turned() {
    return turnedSize(this.#edit.turns, this.#size);
  }

  /** How much of the picture a pixel of the window shows. */
  get #pixel() {
    return 1 / (this.#svg.getScreenCTM()?.a || 1);
  }

  get #shape() {
    return this.#edit.shapes[this.#selected];
  }

  #clicked(button) {
    if (!button || button.ariaDisabled === "true") return;
    const { tool, turn } = button.dataset;
    if (tool) this.#choose(tool, true);
    else if (turn) this.#turn(Number(turn));
    else if ("flip" in button.dataset) this.#flip();
    else if ("delete" in button.dataset) this.#delete();
    else if ("cancel" in button.dataset) this.#cancel();
    else if ("done" in button.dataset) this.#finish();
  }

  #choose(tool, takesFocus = false) {
    this.#tool = tool;
    for (const button of this.querySelectorAll("[data-tool]"))
      button.ariaPressed = String(button.dataset.tool === tool);
    this.#select(null);
    if (takesFocus) this.#svg.focus();
  }

  #turn(by) {
    const shapes = this.#edit.shapes.map((shape) => turnedShape(shape, by, this.#turned));
    this.#change({ ...this.#edit, shapes, turns: (this.#edit.turns + by + 4) % 4 });
    this.#tell(text(by > 0 ? "rotated-right" : "rotated-left"));
  }

  /** What is seen is flipped; the server flips first and turns then, so the turn goes the other way. */
  #flip() {
    const shapes = this.#edit.shapes.map((shape) => flippedShape(shape, this.#turned));
    const { flip, turns } = this.#edit;
    this.#change({ shapes, flip: !flip, turns: (4 - turns) % 4 });
    this.#tell(text("flipped"));
  }

  #change(edit) {
    this.#edit = edit;
    this.#draw();
  }

  #changeShape(shape) {
    this.#change({ ...this.#edit, shapes: this.#edit.shapes.with(this.#selected, shape) });
  }

  #add(shape) {
    this.#before = this.#edit;
    const others = this.#edit.shapes.filter(({ kind }) => kind !== "crop" || shape.kind !== "crop");
    this.#edit = { ...this.#edit, shapes: [...others, shape] };
    this.#selected = others.length;
    this.#draw();
  }

  #delete() {
    if (this.#selected === null) return;
    const shapes = this.#edit.shapes.filter((_, index) => index !== this.#selected);
    this.#edit = { ...this.#edit, shapes };
    this.#select(null);
    this.#svg.focus();
    this.#tell(text("shape-deleted"));
  }

  #select(index) {
    this.#selected = index;
    this.#before = this.#edit;
    this.#draw();
  }

  #focused(target) {
    const { index } = target.dataset;
    if (index === undefined ? this.#selected === null : Number(index) === this.#selected) return;
    this.#select(index === undefined ? null : Number(index));
  }

  /** Take the focus to the selected shape, or to the picture. */
  #takeFocus() {
    (this.#svg.querySelector(`[data-index="${this.#selected}"]`) ?? this.#svg).focus();
  }

  #draw() {
    if (!this.#dialog.open || !this.#upload) return;
    const svg = this.#svg;
    const { width, height } = this.#turned;
    const hadFocus = svg !== document.activeElement && svg.contains(document.activeElement);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const shapes = numbered(this.#edit.shapes);
    const drawn = drawnShapes(shapes, {
      size: this.#turned,
      pixel: this.#pixel,
      selected: this.#selected,
      tool: this.#tool,
      labelOf: (shape) => this.#labelOf(shape),
    });
    this.#showPicture();
    this.#part("shapes").replaceChildren(...drawn);
    if (hadFocus) this.#takeFocus();
    this.#part("delete").ariaDisabled = String(this.#selected === null);
    this.#showWords();
  }

  #showPicture() {
    const href = originalUrl(this.#upload.id);
    const { flip, turns } = this.#edit;
    const state = [href, flip, turns, this.#size.width].join();
    const layer = this.#part("picture");
    if (layer.dataset.state === state) return;
    layer.dataset.state = state;
    layer.replaceChildren(drawnPicture(href, this.#edit, this.#size));
  }

  #showWords() {
    const isText = this.#shape?.kind === "text";
    this.#words.disabled = !isText;
    this.#part("words").hidden = this.#tool !== "text" && !isText;
    if (isText && this.#words.value !== this.#shape.text) this.#words.value = this.#shape.text;
    if (!isText) this.#words.value = "";
  }

  #labelOf(shape) {
    const name = this.querySelector(`[data-tool="${shape.kind}"]`).textContent.trim();
    return placeOfShape(shape, name, this.#turned);
  }

  // by pointer

  /** Take hold of what lies here, or begin to draw; see drags.js. */
  #taken(event) {
    const { target } = event;
    const index = target.closest("[data-index]")?.dataset.index;
    if (index === undefined) this.#select(null);
    else if (Number(index) !== this.#selected) this.#select(Number(index));
    const drag = this.#dragOf(target, index, this.#placeOf(event));
    this.#takeFocus();
    return drag;
  }

  #dragOf({ dataset: { handle } }, index, from) {
    if (handle) return this.#sizing(handlesOf(this.#shape)[handle].fixed);
    return index === undefined ? this.#drawing(from) : this.#moving(from);
  }

  #released() {
    if (this.#shape && !isPoint(this.#shape) && !(this.#shape.width || this.#shape.height)) this.#delete();
    this.#takeFocus();
    if (this.#shape?.kind === "text" && !this.#shape.text) this.#words.focus();
  }

  #sizing(fixed) {
    return { to: (event) => this.#changeShape(between(this.#shape, fixed, this.#placeOf(event))) };
  }

  #moving(from) {
    const shape = this.#shape;
    const to = (event) => {
      const { x, y } = this.#placeOf(event);
      this.#changeShape(movedShape(shape, x - from.x, y - from.y, this.#turned));
    };
    return { to };
  }

  #drawing(from) {
    const blank = { kind: this.#tool, text: "" };
    const drawn = (to) => {
      const shape = between(blank, isPoint(blank) ? to : from, to);
      if (this.#selected === null) this.#add(shape);
      else this.#changeShape(shape);
    };
    return { to: (event) => drawn(this.#placeOf(event)), tap: () => isPoint(blank) && drawn(from) };
  }

  #placeOf({ clientX, clientY }) {
    const place = new DOMPoint(clientX, clientY).matrixTransform(this.#svg.getScreenCTM().inverse());
    return placeWithin(place, this.#turned);
  }

  // by keyboard

  #keyPressed(event) {
    const { key, shiftKey } = event;
    const way = stepOf(key, this.#size);
    if (this.#selected === null) {
      if (key !== "Enter") return;
      this.#add(middleShape(this.#tool, this.#turned));
      this.#takeFocus();
      if (this.#tool === "text") this.#words.focus();
    } else if (way) this.#step(way, shiftKey);
    else if (key === "Delete" || key === "Backspace") this.#delete();
    else if (key === "Enter") this.#set();
    else if (key === "Escape") this.#revert();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #step([byX, byY], isSizing) {
    const change = isSizing && !isPoint(this.#shape) ? sizedShape : movedShape;
    this.#changeShape(change(this.#shape, byX, byY, this.#turned));
    this.#tell(this.#labelOf(this.#shape));
  }

  #set() {
    this.#select(null);
    this.#svg.focus();
    this.#tell(text("shape-set"));
  }

  /** Leave the shape as it was before it was taken hold of; a new one goes. */
  #revert() {
    this.#edit = this.#before;
    this.#select(null);
    this.#svg.focus();
  }

  #written() {
    if (this.#shape?.kind === "text") this.#changeShape({ ...this.#shape, text: this.#words.value });
  }

  #wordsKeyPressed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter") this.#set();
    else if (event.key === "Escape") this.#revert();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // its end

  #cancel() {
    this.#kept.delete(this.#upload.id);
    this.#edit = null;
    this.#dialog.close();
  }

  /** What was done is still there when it is opened again. */
  #leave() {
    if (this.#edit && this.#upload) this.#kept.set(this.#upload.id, this.#edit);
    this.#upload = null;
    this.#drags.forget();
  }

  async #finish() {
    const [picker, upload] = [this.#picker, this.#upload];
    const body = JSON.stringify(editOf(this.#edit, this.#turned));
    if (body === this.#first) return this.#cancel();
    this.#busy(true);
    this.#say("");
    const { made, refusal } = await makeEdited(upload, body);
    this.#busy(false);
    if (refusal) return this.#say(refusal);
    picker.edited(upload, made);
    if (this.#upload === upload) this.#cancel();
  }

  #busy(isBusy) {
    this.#dialog.ariaBusy = String(isBusy);
    this.#part("done").ariaDisabled = String(isBusy);
  }

  #say(words) {
    this.#part("note").textContent = words;
  }

  #tell(words) {
    this.#part("status").textContent = words;
  }
}

customElements.define("image-editor", ImageEditor);
