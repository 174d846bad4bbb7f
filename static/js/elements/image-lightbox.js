// One picture of the thread, large: as it was uploaded, or as the model got it.

import { register } from "../lib/commands.js";
import { PictureOverlay } from "../lib/picture-overlay.js";
import { PlaceOverlay, placesOn } from "../lib/place-overlay.js";
import { drawnRegion } from "../lib/region-drawing.js";
import { text } from "../lib/strings.js";
import { isVeiled } from "../lib/veils.js";
import { Viewport } from "../lib/viewport.js";

const SWIPE = 60;

/** The one that was opened last: in the admin it stands in a shadow tree, where no selector finds it. */
let lightbox = null;

class ImageLightbox extends HTMLElement {
  #tiles = [];
  #index = 0;
  #canZoom = false;
  #touchedAt = 0;
  #viewport;
  #overlay;
  #regions;
  #copy = 0; // which of the copies that the model got is shown
  #letter = null; // of the region that is pointed out
  #opener = null; // the button that opened it, and the picture that it was opened at
  #picture = new Image();

  connectedCallback() {
    const [stage, picture] = [this.#part("stage"), this.#picture];
    this.#viewport = new Viewport(stage, picture);
    this.#overlay = new PlaceOverlay(picture, stage);
    this.#regions = new PictureOverlay(picture, stage);
    document.addEventListener("places-drawn", () => this.#dialog.open && this.#drawPlaces());
    picture.addEventListener("load", () => this.#loaded());
    picture.addEventListener("error", () => this.#lost());
    picture.addEventListener("click", (event) => this.#zoomAt(event));
    stage.addEventListener("click", ({ target }) => target === stage && this.#dialog.close());
    stage.addEventListener("touchstart", (event) => this.#touched(event), { passive: true });
    stage.addEventListener("touchend", (event) => this.#swiped(event), { passive: true });
    this.#dialog.addEventListener("close", () => this.#closed());
  }

  /** Show the picture of this tile, and point out one of its regions; its neighbours are the others of the thread. */
  open(tile, opener = tile, letter = null) {
    lightbox = this;
    this.#letter = letter;
    this.#opener = { tile, element: opener };
    this.#collect(tile);
    this.#showModelView(false);
    this.#show();
    this.#part("stage").append(this.#picture);
    this.#dialog.showModal();
    this.#part("stage").focus();
    this.#drawPlaces();
    this.#fetchNeighbours();
  }

  /** Close; returns the tile of the picture that was shown. */
  leave() {
    const tile = this.#tiles[this.#index];
    this.#leave();
    return tile;
  }

  /** Whether the picture `by` places further can be shown, and the arrow keys do not move about in this one. */
  canStep(by) {
    return this.#dialog.open && !this.#viewport.isOriginal && this.#index + by in this.#tiles;
  }

  step(by) {
    this.#index += by;
    this.#copy = 0;
    this.#letter = null;
    const focused = this.getRootNode().activeElement; // read before: a hidden element has lost the focus already
    this.#show();
    if (focused.hidden) this.#part("stage").focus();
  }

  toggleZoom() {
    this.#zoom(!this.#viewport.isOriginal);
    if (this.#viewport.isOriginal) this.#part("stage").focus(); // the arrow keys move about in it
  }

  /** Show the copies that the model got, one after the other, and then the picture again. */
  toggleModelView() {
    this.#copy = this.#isModelView ? this.#copy + 1 : 0;
    this.#showModelView(this.#copy < this.#copies.length);
    this.#show();
  }

  get #copies() {
    return this.#tiles[this.#index].dataset.modelUrl.split(" ");
  }

  get #nameOfCopy() {
    const { title } = this.#part("model");
    const count = this.#copies.length;
    return count > 1 ? `${title} (${text("lightbox-position", { index: this.#copy + 1, count })})` : title;
  }

  /** The id of the picture that is shown. */
  get imageId() {
    return this.#tiles[this.#index].dataset.image;
  }

  async showDetails() {
    const { dataset } = this.#tiles[this.#index];
    const { openDetails } = await import("./picture-details.js");
    await openDetails(dataset.image, () => this.#leave());
    this.#picture.alt = dataset.alt || dataset.name;
  }

  /** Close for something else on the page, which gets the focus. */
  #leave() {
    this.#index = -1;
    this.#dialog.close();
  }

  togglePlaces() {
    const button = this.#part("places");
    button.ariaPressed = String(button.ariaPressed !== "true");
    this.#drawPlaces();
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  get #isModelView() {
    return this.#part("model").ariaPressed === "true";
  }

  /** Only where the button is a switch: in the chat it opens a dialog. */
  #showModelView(isShown) {
    const button = this.#part("model");
    if (button.ariaPressed !== null) button.ariaPressed = String(isShown);
  }

  #part(name) {
    return this.querySelector(`[data-lightbox-${name}]`);
  }

  /** The pictures that the page has, of which this tile's is shown. */
  #collect(tile) {
    this.#tiles = [...this.getRootNode().querySelectorAll("[data-thread] [data-image]")].filter(isShown);
    this.#index = this.#tiles.indexOf(tile);
  }

  /** Fetch the pictures before and after this one that the page has not got. */
  async #fetchNeighbours() {
    const tile = this.#tiles[this.#index];
    const isStill = () => this.#dialog.open && this.#tiles[this.#index] === tile;
    for (const isFromAbove of [false, true]) {
      for (let gap = this.#gapBeside(isFromAbove); gap && isStill(); gap = this.#gapBeside(isFromAbove)) {
        if (!(await gap.load({ isFromAbove }))) break;
        if (!isStill()) return;
        this.#collect(tile);
        this.#showPlace();
      }
    }
  }

  /** Where pictures are missing between this one and the next; or the one before. */
  #gapBeside(isAfter) {
    const [tile, next] = [this.#tiles[this.#index], this.#tiles[this.#index + (isAfter ? 1 : -1)]];
    const isBetween = (gap) => isAfter === follows(gap, tile) && (!next || isAfter === follows(next, gap));
    return this.#gaps.find(isBetween);
  }

  /** Where pictures are missing. */
  get #gaps() {
    return [...this.getRootNode().querySelectorAll("message-gap:not([data-pictures='0'])")];
  }

  #show() {
    const { href, dataset } = this.#tiles[this.#index];
    const picture = this.#picture;
    if (!dataset.modelUrl) this.#showModelView(false);
    this.#part("model").hidden = !dataset.modelUrl;
    this.#part("compare")?.toggleAttribute("hidden", !hasOthers());
    picture.src = this.#isModelView ? this.#copies[this.#copy] : href;
    picture.alt = dataset.alt || dataset.name;
    picture.dataset.ground = this.#isModelView ? "" : dataset.ground;
    this.#part("name").textContent = dataset.name;
    this.#part("details").replaceChildren(
      document.createElement("span"),
      this.#isModelView ? this.#nameOfCopy : dataset.size,
    );
    this.#part("notes").textContent = [dataset.notes, dataset.removed].filter(Boolean).join(" · ");
    this.#part("download").href = picture.src;
    this.#part("download").download = dataset.name;
    this.#showPlace();
    this.#regions.remove(); // until the picture has come
    this.#zoom(false);
    this.#drawPlaces();
    this.#allowZoom(false); // until the picture has come: before, nobody knows whether it is larger
    this.#fetchNeighbours();
  }

  /** Draw what the answers point at; not on a copy, which may show a part of the picture. */
  #drawPlaces() {
    const items = placesOn(this.#tiles[this.#index]);
    const button = this.#part("places");
    button.hidden = !items.length || this.#isModelView;
    this.#overlay.draw(button.hidden || button.ariaPressed !== "true" ? [] : items);
  }

  /** Which of all pictures this is, also of those that the page has not got, and which way others are. */
  #showPlace() {
    const tile = this.#tiles[this.#index];
    const missing = (gaps) => gaps.reduce((sum, { dataset }) => sum + Number(dataset.pictures), 0);
    const count = this.#tiles.length + missing(this.#gaps);
    const index = this.#index + 1 + missing(this.#gaps.filter((gap) => follows(tile, gap)));
    const place = this.#part("details").firstElementChild;
    if (place) place.textContent = count > 1 ? `${text("lightbox-position", { index, count })} · ` : "";
    this.#part("previous").hidden = this.#index === 0;
    this.#part("next").hidden = this.#index === this.#tiles.length - 1;
  }

  #zoom(isWanted) {
    this.#viewport.showOriginal(isWanted && this.#canZoom);
    this.#nameZoom();
  }

  #allowZoom(isAllowed) {
    this.#canZoom = isAllowed;
    this.#part("zoom").ariaDisabled = String(!isAllowed);
    this.#nameZoom();
  }

  /** A large picture becomes as large as it is, and a small one as large as the window allows; then the other way. */
  #nameZoom() {
    const button = this.#part("zoom");
    const { original, fitted } = button.dataset;
    button.title = this.#canZoom && this.#viewport.isInOwnPixels ? fitted : original;
    button.querySelector("span").textContent = button.title;
  }

  /** Zoom in on the place that was pointed at, or out again. */
  #zoomAt(event) {
    const place = this.#viewport.placeAt(event);
    this.#zoom(!this.#viewport.isOriginal);
    this.#viewport.centre(place);
  }

  #loaded() {
    if (!this.#dialog.open) return; // left before it came
    const { naturalWidth, naturalHeight } = this.#picture;
    this.#allowZoom(this.#viewport.canGrow);
    this.#showRegions();
    if (this.#isModelView) this.#part("details").append(`, ${naturalWidth} × ${naturalHeight}`);
  }

  #showRegions() {
    const { choice = "{}", boxes = "[]" } = this.#tiles[this.#index].dataset; // boxes are those of a reviewer
    const regions = [...(JSON.parse(choice).regions ?? []), ...JSON.parse(boxes)];
    if (!regions.length || this.#isModelView) return;
    const { clientHeight } = this.#picture;
    const drawn = (region) => drawnRegion(region, clientHeight, region.letter === this.#letter);
    this.#regions.show(...regions.map(drawn));
  }

  #lost() {
    if (this.#dialog.open) this.#part("details").textContent = text("upload-not-kept");
  }

  #closed() {
    this.#regions.remove();
    this.#picture.remove();
    this.#picture.removeAttribute("src");
    this.#overlay.remove();
    const tile = this.#tiles[this.#index];
    const { element } = this.#opener;
    if (tile === this.#opener.tile && element.isConnected) element.focus();
    else tile?.focus();
  }

  #touched({ touches }) {
    this.#touchedAt = touches[0].clientX;
  }

  #swiped({ changedTouches }) {
    const way = changedTouches[0].clientX - this.#touchedAt;
    const by = way < 0 ? 1 : -1;
    if (Math.abs(way) > SWIPE && this.canStep(by)) this.step(by);
  }
}

function follows(element, other) {
  return Boolean(other.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING);
}

/** Whether the chat has something that a picture can be compared with. */
function hasOthers() {
  return document.querySelectorAll("[data-thread] [data-image], chat-composer [data-upload]").length > 1;
}

/** Not one in a part that is folded, nor one that a reviewer does not want to see. */
function isShown(tile) {
  return tile.checkVisibility() && !isVeiled(tile);
}

register(
  {
    id: "image.previous",
    label: "previous-picture",
    keys: "ArrowLeft",
    isPossible: () => lightbox?.canStep(-1),
    run: () => lightbox.step(-1),
  },
  {
    id: "image.next",
    label: "next-picture",
    keys: "ArrowRight",
    isPossible: () => lightbox?.canStep(1),
    run: () => lightbox.step(1),
  },
  { id: "image.details", run: () => lightbox.showDetails() },
  { id: "image.zoom", run: () => lightbox.toggleZoom() },
  { id: "image.places", run: () => lightbox.togglePlaces() },
  { id: "image.model-view", run: () => lightbox.toggleModelView() },
);

customElements.define("image-lightbox", ImageLightbox);
