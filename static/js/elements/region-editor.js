// "Ask about a region": boxes on a picture of a question, or on any picture of the thread, which is attached then.

import { between, cornersOf, middleBox, moved, sized } from "../lib/boxes.js";
import { show } from "../lib/dialogs.js";
import { PictureOverlay } from "../lib/picture-overlay.js";
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

const STEP = 0.01; // by an arrow key
const LEAST_WAY_PX = 4; // a shorter way of the pointer is none
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

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
  #drag = null;
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
    svg.addEventListener("pointerdown", (event) => this.#pressed(event));
    svg.addEventListener("pointermove", (event) => this.#dragged(event));
    svg.addEventListener("pointerup", () => this.#released());
    svg.addEventListener("pointercancel", () => this.#dropped());
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
    this.#picture.src = `/images/${picture.id}/original/`;
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

  #pressed(event) {
    if (!event.isPrimary) return this.#dropped(); // two fingers enlarge the picture
    if (event.button !== 0 || !this.#isReady) return;
    event.preventDefault();
    this.#svg.setPointerCapture(event.pointerId);
    if (this.#isPending) this.#keep();
    const from = this.#placeOf(event);
    const { corner } = event.target.dataset;
    this.#drag = { ...this.#dragFrom(from, corner), start: event };
    this.#takeFocus();
  }

  #dragFrom(from, corner) {
    const region = this.#region;
    if (corner) {
      const { fixed } = cornersOf(region)[Number(corner)];
      return { to: (place) => this.#change(between(fixed, place, this.#size)) };
    }
    if (region && isWithin(region, from)) {
      const to = ({ x, y }) => this.#change(moved(region, x - from.x, y - from.y, this.#size));
      return { to, tap: () => this.#choose(from) };
    }
    let isNew = true;
    const to = (place) => {
      const box = between(from, place, this.#size);
      if (!isNew) return this.#change(box);
      isNew = false;
      if (!this.#add(box)) this.#drag = null;
    };
    return { to, tap: () => this.#choose(from) };
  }

  #dragged(event) {
    const drag = this.#drag;
    if (!drag || !event.isPrimary) return;
    const { clientX, clientY } = drag.start;
    drag.isLong ||= Math.hypot(event.clientX - clientX, event.clientY - clientY) >= LEAST_WAY_PX;
    if (drag.isLong) drag.to(this.#placeOf(event));
  }

  #released() {
    const drag = this.#drag;
    this.#drag = null;
    if (!drag) return;
    if (!drag.isLong) drag.tap?.();
    else if (this.#isPending) {
      this.#keep();
      this.#tell(placeOf(this.#region));
    }
    this.#takeFocus();
  }

  #dropped() {
    if (!this.#drag) return;
    this.#drag = null;
    this.#revert();
    this.#draw();
  }

  /** Take hold of the smallest region here; where there are several, of the next larger one each time. */
  #choose(place) {
    const here = this.#regions
      .filter((region) => isWithin(region, place))
      .sort((one, other) => one.width * one.height - other.width * other.height);
    const next = here.findIndex(({ letter }) => letter === this.#selected) + 1;
    this.#select((here[next] ?? here[0])?.letter ?? null);
  }

  #placeOf(event) {
    return this.#viewport.placeAt(event);
  }

  // by keyboard

  #keyPressed(event) {
    const { key, shiftKey } = event;
    if (ARROWS[key]) this.#arrowPressed(ARROWS[key], shiftKey);
    else if (key === "Enter") this.#enterPressed();
    else if ((key === "Delete" || key === "Backspace") && this.#selected) this.#remove(this.#selected);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #arrowPressed([alongX, alongY], isSizing) {
    if (!this.#region) return this.#add(middleBox(this.#size));
    const { width, height } = this.#size;
    const step = STEP * Math.max(width, height);
    const change = isSizing ? sized : moved;
    this.#change(change(this.#region, (alongX * step) / width, (alongY * step) / height, this.#size));
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
    this.#drag = null;
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

function isWithin({ x, y, width, height }, place) {
  return place.x >= x && place.x <= x + width && place.y >= y && place.y <= y + height;
}

customElements.define("region-editor", RegionEditor);
