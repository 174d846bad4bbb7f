// "Ask about a region": boxes on a picture of a question, or on any picture of the thread, which is attached then.

import { cornersOf, isIn } from "../lib/boxes.js";
import { show } from "../lib/dialogs.js";
import { Drags, stepOf } from "../lib/drags.js";
import { originalUrl } from "../lib/originals.js";
import { PictureOverlay } from "../lib/picture-overlay.js";
import { between, middleBox, moved, sized } from "../lib/region-boxes.js";
import { drawnCorners, drawnRegion } from "../lib/region-drawing.js";
import {
  chooseRegions,
  freeLetter,
  hasRoom,
  isAttached,
  MAX_REGIONS,
  pictureOf,
  placeOf,
  regionsOf,
} from "../lib/regions.js";
import { text } from "../lib/strings.js";
import { Viewport } from "../lib/viewport.js";

/** Open it for the picture whose tile, or large view, has this button. */
export async function open(button) {
  const [picker, picture] = button.closest("image-lightbox") ? ofThread(button) : ofQuestion(button);
  await (await show("region-editor")).begin(picker, picture);
}

function ofQuestion(button) {
  const picker = button.closest("image-picker");
  const { id, name, thumbnail_url, notes } = picker.uploadOf(button);
  return [picker, { id, name, thumbnail_url, notes }];
}

function ofThread(button) {
  const picture = pictureOf(button.closest("image-lightbox").leave());
  return [document.querySelector("chat-composer image-picker"), picture];
}

/** Regions are those of the question as soon as they are set; what is not set is dropped when it closes. */
class RegionEditor extends HTMLElement {
  #picker;
  #shown; // the picture, as `chooseRegions` takes it
  #wasAttached = true;
  #regions = [];
  #set = []; // the regions as they were set last
  #selected = null; // a letter
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
      end: (isLong) => this.#released(isLong),
      drop: () => this.#dropped(),
    });
    svg.addEventListener("keydown", (event) => this.#keyPressed(event));
    svg.addEventListener("focusin", ({ target }) => this.#focused(target));
    this.addEventListener("click", ({ target }) => this.#clicked(target.closest("button")));
    this.#dialog.addEventListener("close", () => this.#closed());
  }

  begin(picker, picture) {
    [this.#picker, this.#shown] = [picker, picture];
    this.#wasAttached = isAttached(picker, picture.id);
    this.#set = this.#regions = regionsOf(picker, picture.id);
    this.#selected = null;
    this.#part("name").textContent = picture.name;
    this.#say(this.#isPossible ? "" : text("no-room"));
    this.#viewport.showOriginal(false);
    this.#picture.src = originalUrl(picture.id);
    this.#draw();
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

  /** Whether the picture is one of the question, or can become one. */
  get #isPossible() {
    return isAttached(this.#picker, this.#shown.id) || hasRoom(this.#picker);
  }

  get #region() {
    return this.#regions.find(({ letter }) => letter === this.#selected);
  }

  get #isPending() {
    return this.#regions !== this.#set;
  }

  #loaded() {
    this.#draw();
    this.#nameZoom();
  }

  #clicked(button) {
    if (!button || button.ariaDisabled === "true") return;
    const { letter } = button.closest("[data-item]")?.dataset ?? {};
    if ("remove" in button.dataset) this.#remove(letter);
    else if (letter) this.#take(letter);
    else if ("add" in button.dataset) this.#add(middleBox(this.#size));
    else if ("zoom" in button.dataset) this.#zoom();
    else this.#finish();
  }

  #zoom() {
    this.#viewport.showOriginal(!this.#viewport.isOriginal);
    const { x, y, width, height } = this.#region ?? { x: 0, y: 0, width: 1, height: 1 };
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

  // regions

  /** Add a box that is not set yet, and take hold of it. Returns false where that cannot be. */
  #add(box) {
    if (!this.#isReady || !this.#isPossible) return false;
    const letter = freeLetter(this.#picker, this.#shown.id, this.#regions);
    if (letter === null) {
      this.#say(text("regions-full", { count: MAX_REGIONS }));
      return false;
    }
    this.#regions = [...this.#regions, { letter, ...box, drawn_by: "person" }];
    this.#take(letter);
    this.#tell(placeOf(this.#region));
    return true;
  }

  #change(box) {
    const { x, y, width, height } = box;
    const changed = { ...this.#region, x, y, width, height, drawn_by: "person" };
    this.#regions = this.#regions.map((region) => (region.letter === this.#selected ? changed : region));
    this.#draw();
  }

  #remove(letter) {
    this.#regions = this.#regions.filter((region) => region.letter !== letter);
    this.#selected = null;
    this.#keep();
    this.#svg.focus();
    this.#tell(text("region-removed", { letter }));
  }

  /** What is shown is what the question is about. */
  #keep() {
    this.#set = this.#regions;
    chooseRegions(this.#picker, this.#shown, this.#set);
    if (!this.#set.length && !this.#wasAttached) this.#picker.forget([this.#shown.id]);
    this.#say("");
    this.#draw();
  }

  #revert() {
    this.#regions = this.#set;
    if (!this.#region) this.#selected = null;
  }

  #select(letter) {
    if (letter === this.#selected) return;
    this.#selected = letter;
    this.#draw();
  }

  #take(letter) {
    this.#selected = letter;
    this.#draw();
    this.#takeFocus();
  }

  #takeFocus() {
    (this.#svg.querySelector(`[data-outline="${this.#selected}"]`) ?? this.#svg).focus();
  }

  #focused(target) {
    this.#select(target.closest("[data-outline]")?.dataset.outline ?? null);
  }

  // drawing

  #draw() {
    const hadFocus = this.#svg !== document.activeElement && this.#svg.contains(document.activeElement);
    const shapes = this.#isReady ? this.#regions.map((region) => this.#shapeOf(region)) : [];
    this.#overlay.show(...shapes);
    if (hadFocus) this.#takeFocus();
    this.#part("none").hidden = this.#regions.length > 0;
    this.#part("list").replaceChildren(...this.#regions.map((region) => this.#itemOf(region)));
  }

  #shapeOf(region) {
    const isSelected = region.letter === this.#selected;
    const { clientWidth: width, clientHeight: height } = this.#picture;
    const shape = drawnRegion(region, height, isSelected);
    shape.setAttribute("tabindex", "0");
    shape.setAttribute("role", "button");
    shape.setAttribute("aria-label", placeOf(region));
    if (isSelected) shape.append(...drawnCorners(region, { width, height }));
    return shape;
  }

  #itemOf(region) {
    const item = this.querySelector("template").content.firstElementChild.cloneNode(true);
    const { letter, x, y, width, height } = region;
    const { width: across, height: down } = this.#size;
    item.dataset.item = "";
    item.dataset.letter = letter;
    item.toggleAttribute("data-chosen", letter === this.#selected);
    const cut = item.querySelector("svg");
    cut.setAttribute("viewBox", [x * across, y * down, width * across, height * down].join(" "));
    const picture = cut.querySelector("image");
    picture.setAttribute("href", this.#picture.src);
    picture.setAttribute("width", across);
    picture.setAttribute("height", down);
    item.querySelector("b").textContent = letter;
    item.querySelector("[data-size]").textContent = text("region-size", {
      width: Math.round(width * across),
      height: Math.round(height * down),
    });
    item.querySelector("[data-remove] .sr-only").textContent = text("remove-region", { letter });
    return item;
  }

  // by pointer

  /** Take hold of what lies here, or begin to draw; see drags.js. */
  #taken(event) {
    if (!this.#isReady) return null;
    if (this.#isPending) this.#keep();
    const drag = this.#dragFrom(this.#viewport.placeAt(event), event.target.dataset.corner);
    this.#takeFocus();
    return drag;
  }

  #dragFrom(from, corner) {
    const region = this.#region;
    if (corner) return { to: this.#sizing(cornersOf(region)[Number(corner)].fixed) };
    const to = region && isIn(region, from) ? this.#moving(region, from) : this.#drawing(from);
    return { to, tap: () => this.#choose(from) };
  }

  #sizing(fixed) {
    return (event) => this.#change(between(fixed, this.#viewport.placeAt(event), this.#size));
  }

  #moving(region, from) {
    return (event) => {
      const { x, y } = this.#viewport.placeAt(event);
      this.#change(moved(region, x - from.x, y - from.y, this.#size));
    };
  }

  #drawing(from) {
    let isNew = true;
    return (event) => {
      const box = between(from, this.#viewport.placeAt(event), this.#size);
      if (!isNew) return this.#change(box);
      isNew = false;
      return this.#add(box);
    };
  }

  #released(isLong) {
    if (isLong && this.#isPending) {
      this.#keep();
      this.#tell(placeOf(this.#region));
    }
    this.#takeFocus();
  }

  #dropped() {
    this.#revert();
    this.#draw();
  }

  /** Take hold of the smallest region here; where there are several, of the next larger one each time. */
  #choose(place) {
    const here = this.#regions
      .filter((region) => isIn(region, place))
      .sort((one, other) => one.width * one.height - other.width * other.height);
    const next = here.findIndex(({ letter }) => letter === this.#selected) + 1;
    this.#select((here[next] ?? here[0])?.letter ?? null);
  }

  // by keyboard

  #keyPressed(event) {
    const { key, shiftKey } = event;
    const way = stepOf(key, this.#size);
    if (way) this.#arrowPressed(way, shiftKey);
    else if (key === "Enter") this.#enterPressed();
    else if ((key === "Delete" || key === "Backspace") && this.#selected) this.#remove(this.#selected);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #arrowPressed([byX, byY], isSizing) {
    if (!this.#region) return this.#add(middleBox(this.#size));
    const { width, height } = this.#size;
    const change = isSizing ? sized : moved;
    this.#change(change(this.#region, byX / width, byY / height, this.#size));
    this.#svg.querySelector(`[data-outline="${this.#selected}"]`).scrollIntoView({ block: "nearest" });
    this.#tell(placeOf(this.#region));
  }

  /** Set what was moved, and end where all is set. */
  #enterPressed() {
    if (this.#isPending) {
      this.#keep();
      this.#tell(text("region-set", { letter: this.#selected }));
    } else if (this.#regions.length) this.#dialog.close();
    else this.#add(middleBox(this.#size));
  }

  // its end

  #finish() {
    if (this.#isPending) this.#keep();
    this.#dialog.close();
  }

  #closed() {
    this.#drags.forget();
    this.#revert();
    this.#picture.removeAttribute("src");
    if (this.#set.length) this.#picker.closest("form").querySelector("textarea").focus();
  }

  #say(words) {
    this.#part("note").textContent = words;
  }

  #tell(words) {
    this.#part("status").textContent = words;
  }
}

customElements.define("region-editor", RegionEditor);
