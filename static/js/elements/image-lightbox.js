// One picture of the thread, large: as it was uploaded, or as the model got it.

import { register } from "../lib/commands.js";
import { text } from "../lib/strings.js";
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

  connectedCallback() {
    const [stage, picture] = [this.#part("stage"), this.#part("picture")];
    this.#viewport = new Viewport(stage, picture);
    picture.addEventListener("load", () => this.#loaded());
    picture.addEventListener("error", () => this.#lost());
    picture.addEventListener("click", (event) => this.#zoomAt(event));
    stage.addEventListener("click", ({ target }) => target === stage && this.#dialog.close());
    stage.addEventListener("touchstart", (event) => this.#touched(event), { passive: true });
    stage.addEventListener("touchend", (event) => this.#swiped(event), { passive: true });
    this.#dialog.addEventListener("close", () => this.#closed());
  }

  /** Show the picture of this tile; its neighbours are the other pictures of the thread. */
  open(tile) {
    lightbox = this;
    this.#tiles = [...this.getRootNode().querySelectorAll("[data-thread] [data-image]")].filter(isShown);
    this.#index = this.#tiles.indexOf(tile);
    this.#part("model").ariaPressed = "false";
    this.#show();
    this.#dialog.showModal();
    this.#part("stage").focus();
  }

  /** Whether the picture `by` places further can be shown, and the arrow keys do not move about in this one. */
  canStep(by) {
    return this.#dialog.open && !this.#viewport.isOriginal && this.#index + by in this.#tiles;
  }

  step(by) {
    this.#index += by;
    const focused = this.getRootNode().activeElement; // read before: a hidden element has lost the focus already
    this.#show();
    if (focused.hidden) this.#part("stage").focus();
  }

  toggleZoom() {
    this.#zoom(!this.#viewport.isOriginal);
    if (this.#viewport.isOriginal) this.#part("stage").focus(); // the arrow keys move about in it
  }

  toggleModelView() {
    this.#part("model").ariaPressed = String(!this.#isModelView);
    this.#show();
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  get #isModelView() {
    return this.#part("model").ariaPressed === "true";
  }

  #part(name) {
    return this.querySelector(`[data-lightbox-${name}]`);
  }

  #show() {
    const { href, dataset } = this.#tiles[this.#index];
    const picture = this.#part("picture");
    if (!dataset.modelUrl) this.#part("model").ariaPressed = "false";
    this.#part("model").hidden = !dataset.modelUrl;
    picture.src = this.#isModelView ? dataset.modelUrl : href;
    picture.alt = dataset.name;
    picture.dataset.ground = this.#isModelView ? "" : dataset.ground;
    this.#part("name").textContent = dataset.name;
    this.#part("details").textContent =
      this.#position() + (this.#isModelView ? this.#part("model").title : dataset.size);
    this.#part("notes").textContent = dataset.notes;
    this.#part("download").href = picture.src;
    this.#part("download").download = dataset.name;
    this.#part("previous").hidden = this.#index === 0;
    this.#part("next").hidden = this.#index === this.#tiles.length - 1;
    this.#zoom(false);
    this.#allowZoom(false); // until the picture has come: before, nobody knows whether it is larger
  }

  #position() {
    const count = this.#tiles.length;
    return count > 1 ? `${text("lightbox-position", { index: this.#index + 1, count })} · ` : "";
  }

  #zoom(isWanted) {
    this.#viewport.showOriginal(isWanted && this.#canZoom);
    this.#part("zoom").ariaPressed = String(this.#viewport.isOriginal);
  }

  #allowZoom(isAllowed) {
    this.#canZoom = isAllowed;
    this.#part("zoom").ariaDisabled = String(!isAllowed);
  }

  /** Zoom in on the place that was pointed at, or out again. */
  #zoomAt(event) {
    const place = this.#viewport.placeAt(event);
    this.#zoom(!this.#viewport.isOriginal);
    this.#viewport.centre(place);
  }

  #loaded() {
    const { naturalWidth, naturalHeight } = this.#part("picture");
    this.#allowZoom(this.#viewport.canGrow);
    if (this.#isModelView) this.#part("details").append(`, ${naturalWidth} × ${naturalHeight}`);
  }

  #lost() {
    if (this.#dialog.open) this.#part("details").textContent = text("upload-not-kept");
  }

  #closed() {
    this.#part("picture").removeAttribute("src");
    this.#tiles[this.#index]?.focus();
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

/** Not one in a part that is folded. */
function isShown(tile) {
  return tile.checkVisibility();
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
  { id: "image.zoom", run: () => lightbox.toggleZoom() },
  { id: "image.model-view", run: () => lightbox.toggleModelView() },
);

customElements.define("image-lightbox", ImageLightbox);
