// Boxes and points over a picture, for the items of a list of places. Their numbers are fractions of the original.

import { lieOver } from "./over-pictures.js";

const drawnOn = new WeakMap();

/** The items of the places that are drawn on this picture of the thread. */
export function placesOn(tile) {
  return drawnOn.get(tile) ?? [];
}

/** Note what is drawn on a picture of the thread, and tell whoever shows it larger. */
export function setPlaces(tile, items) {
  drawnOn.set(tile, items);
  tile.dispatchEvent(new CustomEvent("places-drawn", { bubbles: true, composed: true }));
}

let lit = null;

/** Point out one place, everywhere; null: none. */
export function light(item) {
  lit = item;
  document.dispatchEvent(new CustomEvent("place-lit", { detail: item }));
}

export class PlaceOverlay {
  #picture;
  #host;
  #layer = document.createElement("span");
  #items = [];
  #sizes = new ResizeObserver(() => this.#fit());
  #lit = ({ detail }) => this.#light(detail);

  /** `host` is positioned and has the picture in it; it may scroll. */
  constructor(picture, host) {
    [this.#picture, this.#host] = [picture, host];
    this.#layer.className = "place-layer";
    this.#layer.ariaHidden = "true"; // the list says the same
    this.#layer.addEventListener("pointerover", ({ target }) => light(this.#itemOf(target)));
    this.#layer.addEventListener("pointerleave", () => light(null));
  }

  draw(items) {
    if (items.length === this.#items.length && items.every((item, index) => item === this.#items[index]))
      return;
    this.#items = items;
    // what is small lies above what is large
    const bySize = items.map((item, index) => ({ item, index })).sort((a, b) => areaOf(b) - areaOf(a));
    this.#layer.replaceChildren(...bySize.map(({ item, index }) => shapeOf(item, index)));
    this.#layer.toggleAttribute("data-many", items.length > 12);
    this.#light(lit);
    if (items.length) this.#show();
    else this.remove();
  }

  remove() {
    this.#items = [];
    this.#sizes.disconnect();
    document.removeEventListener("place-lit", this.#lit);
    this.#layer.remove();
  }

  #show() {
    if (this.#layer.isConnected) return;
    this.#host.append(this.#layer);
    this.#sizes.observe(this.#picture);
    this.#sizes.observe(this.#host);
    document.addEventListener("place-lit", this.#lit);
    this.#fit();
  }

  #fit() {
    lieOver(this.#layer, this.#picture, this.#host);
  }

  #itemOf(element) {
    const shape = element.closest("[data-index]");
    return shape ? this.#items[Number(shape.dataset.index)] : null;
  }

  #light(item) {
    for (const shape of this.#layer.children)
      shape.toggleAttribute("data-lit", item !== null && this.#items[Number(shape.dataset.index)] === item);
  }
}

function areaOf({ item: { dataset } }) {
  return Number(dataset.w) * Number(dataset.h);
}

function shapeOf({ dataset, firstElementChild }, index) {
  const shape = document.createElement("span");
  const { x, y, w, h, colour } = dataset;
  Object.assign(shape.dataset, { index, x, y, w, h, colour });
  shape.dataset["isPoint" in dataset ? "point" : "box"] = "";
  const percent = (fraction) => `${100 * Number(fraction)}%`;
  Object.assign(shape.style, { left: percent(x), top: percent(y), width: percent(w), height: percent(h) });
  const label = document.createElement("span");
  label.append(...[...firstElementChild.children].map((part) => part.cloneNode(true)));
  label.className = "place-label";
  label.toggleAttribute("data-below", Number(y) < 0.08);
  label.toggleAttribute("data-before", Number(x) > 0.7);
  shape.append(label);
  return shape;
}
