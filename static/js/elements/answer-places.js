// The places in pictures that an answer names: their list, and what is drawn on the pictures for it. While the answer
// is written the server sends them one by one; when it has ended all of them are fetched, with what is to be asked.

import { elementsFrom } from "../lib/blocks.js";
import { register } from "../lib/commands.js";
import { fetchText, post } from "../lib/http.js";
import { PlaceOverlay, light, setPlaces } from "../lib/place-overlay.js";
import { text } from "../lib/strings.js";
import { notify } from "./toast-list.js";

/** What has the thread in it: in the admin a shadow tree. */
const root = () => document.querySelector(".transcript")?.shadowRoot ?? document;
const thread = () => root().querySelector("[data-thread]");
/** The pictures of all messages, as [id, tile]. */
const pictures = () =>
  [...thread().querySelectorAll("[data-image]")].map((tile) => [tile.dataset.image, tile]);
const overlays = new Map(); // of the pictures that have places, by their tile
let chosen = null; // the answer that was pointed at last: of several about one picture its places are drawn
let style = null;

class AnswerPlaces extends HTMLElement {
  #seen = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && this.refresh(), {
    rootMargin: "100%", // the picture may be seen before the end of the answer is
  });

  connectedCallback() {
    this.addEventListener("pointerover", this.#pointed);
    this.addEventListener("focusin", this.#pointed);
    for (const type of ["pointerleave", "focusout"]) this.addEventListener(type, lightNone);
    // it has no size before it is filled, and the footer has no box
    if (this.#article.dataset.status !== "running") this.#seen.observe(this.closest(".reply-end"));
    drawSoon();
  }

  disconnectedCallback() {
    this.#seen.disconnect();
    drawSoon();
  }

  get items() {
    return [...this.querySelectorAll("[data-place]")];
  }

  get address() {
    return `${thread().dataset.messages ?? "/messages/"}${this.#article.dataset.messageId}/places/`;
  }

  get #article() {
    return this.closest("[data-message-id]");
  }

  /** Fetch all of it anew. */
  async refresh() {
    this.#seen.disconnect();
    const html = await fetchText(this.address);
    if (html !== null) await this.show(html);
  }

  async show(html) {
    if (!(await styled())) return;
    const focused = this.contains(document.activeElement);
    this.replaceChildren(...elementsFrom(html));
    drawSoon();
    if (focused) this.querySelector("button")?.focus({ preventScroll: true });
  }

  /** Take the items from index `first` on, of an answer that is being written. */
  async take({ first, html }) {
    if (!(await styled())) return;
    this.firstElementChild ?? this.append(emptyList());
    for (const item of this.items.slice(first)) item.remove();
    this.firstElementChild.append(...elementsFrom(html));
    drawSoon();
  }

  #pointed({ target }) {
    const item = target.closest("[data-place]");
    if (!item) return;
    if (chosen !== this) {
      chosen = this;
      draw();
    }
    light(item);
  }
}

/** Not where the picture was opened to show one. */
function lightNone() {
  if (!root().querySelector("dialog[open]")) light(null);
}

/** Show what `reply.places` says. */
export function takePlaces(article, frame) {
  if (article.dataset.status !== "running") return; // it has ended meanwhile, and all of them are fetched
  let places = article.querySelector("answer-places");
  if (!places) {
    places = document.createElement("answer-places");
    article.querySelector("[data-footer]").before(places);
  }
  places.take(frame);
}

function emptyList() {
  const list = document.createElement("ol");
  list.className = "places";
  list.dataset.places = "";
  list.ariaLabel = text("places-list");
  return list;
}

/** A promise of whether the style has come. */
function styled() {
  style ??= new Promise((resolve) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = thread().dataset.placesStyle;
    link.addEventListener("load", () => resolve(true));
    link.addEventListener("error", () => {
      link.remove();
      style = null; // the next one tries again
      resolve(false);
    });
    (root().head ?? root()).append(link);
  });
  return style;
}

let isDue = false;

function drawSoon() {
  if (isDue) return;
  isDue = true;
  queueMicrotask(() => {
    isDue = false;
    draw();
  });
}

/** Draw on each picture the places of one answer: of the one that was pointed at last, else of the last one. */
function draw() {
  const lists = [...root().querySelectorAll("answer-places")].filter(({ items }) => items.length);
  if (lists.includes(chosen)) lists.push(...lists.splice(lists.indexOf(chosen), 1));
  const byPicture = new Map();
  for (const { items } of lists)
    for (const [id, ofPicture] of Map.groupBy(items, ({ dataset }) => dataset.imageId))
      byPicture.set(id, ofPicture);
  const tiles = new Map(pictures().map(([id, tile]) => [tile, byPicture.get(id) ?? []]));
  for (const [tile, overlay] of overlays) {
    if (tiles.get(tile)?.length) continue;
    overlay.remove();
    overlays.delete(tile);
    setPlaces(tile, []);
  }
  for (const [tile, items] of tiles) if (items.length) drawOn(tile, items);
}

function drawOn(tile, items) {
  if (!overlays.has(tile)) overlays.set(tile, new PlaceOverlay(tile.querySelector("img"), tile));
  overlays.get(tile).draw(items);
  setPlaces(tile, items);
}

async function showLarge(button) {
  const item = button.closest("[data-place]");
  const tile = pictures().find(([id]) => id === item.dataset.imageId)?.[1];
  if (!tile) return notify(text("picture-above"));
  await import("./image-lightbox.js");
  root().querySelector("image-lightbox").open(tile, button);
  light(item);
}

async function choose(button) {
  const places = button.closest("answer-places");
  const asked = button.closest("[data-asks]")?.dataset.asks;
  const answer = await post(places.address, { [button.name]: button.value });
  if (!answer) return notify(text("request-failed"));
  await places.show(await answer.text());
  if (button.name !== "frame" || !asked) return;
  // it is asked once for a model
  for (const other of document.querySelectorAll('answer-places:has([data-asks="frame"])')) other.refresh();
}

function askAbout(button) {
  const { imageId, x, y, w, h } = button.closest("[data-place]").dataset;
  const [left, top, width, height] = [x, y, w, h].map(Number);
  const label = button.previousElementSibling.querySelector("bdi").textContent.trim();
  const detail = { imageId, x: left, y: top, width, height, label };
  button.dispatchEvent(new CustomEvent("region:ask", { bubbles: true, detail }));
}

document.addEventListener("thread-changed", drawSoon);
document.addEventListener("place-lit", ({ detail: lit }) => {
  for (const item of root().querySelectorAll("[data-place][data-lit]")) delete item.dataset.lit;
  if (lit) lit.dataset.lit = "";
});

register(
  { id: "place.show", run: showLarge },
  { id: "place.ask", run: askAbout },
  { id: "places.choose", run: choose },
);

customElements.define("answer-places", AnswerPlaces);
