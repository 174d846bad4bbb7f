// How much of a picture is seen: whole, or in its original size and moved about by scrolling; a small one enlarged.
// Places are {x, y} from 0 to 1, from the upper left corner of the picture.

export class Viewport {
  #stage;
  #picture;

  /** `stage` scrolls and has `picture` in it; `data-original` on it shows the picture in its original size. */
  constructor(stage, picture) {
    this.#stage = stage;
    this.#picture = picture;
  }

  get isOriginal() {
    return this.#stage.hasAttribute("data-original");
  }

  /** Where it is shown whole: whether it has more pixels than that shows. */
  get #isReduced() {
    return this.#picture.naturalWidth > this.#picture.clientWidth;
  }

  /** Where it is shown whole: how many times as large it would fit. An icon of 24 pixels is a dot otherwise. */
  get #enlargement() {
    const { naturalWidth, naturalHeight } = this.#picture;
    const { clientWidth, clientHeight } = this.#stage;
    return Math.floor(Math.min(clientWidth / naturalWidth, clientHeight / naturalHeight));
  }

  /** Whether it can be shown larger than whole: in its original size or, where it is small, enlarged. */
  get canGrow() {
    return this.#isReduced || this.#enlargement > 1;
  }

  /** Whether it is shown in its own pixels: where it is shown whole, a small one is. */
  get isInOwnPixels() {
    return this.isOriginal ? !this.#stage.hasAttribute("data-enlarged") : !this.#isReduced;
  }

  showOriginal(isOriginal) {
    const isEnlarged = isOriginal && !this.#isReduced;
    this.#picture.style.width = isEnlarged ? `${this.#picture.naturalWidth * this.#enlargement}px` : "";
    this.#stage.toggleAttribute("data-enlarged", isEnlarged);
    this.#stage.toggleAttribute("data-original", isOriginal);
    this.#stage.tabIndex = isOriginal ? 0 : -1; // what can be scrolled can be reached by keyboard
  }

  /** The place of the picture that lies at a point of the window. */
  placeAt({ clientX, clientY }) {
    const { left, top, width, height } = this.#picture.getBoundingClientRect();
    return { x: (clientX - left) / width, y: (clientY - top) / height };
  }

  /** Scroll until this place is in the middle. */
  centre({ x, y }) {
    const { scrollWidth, scrollHeight, clientWidth, clientHeight } = this.#stage;
    this.#stage.scrollTo(x * scrollWidth - clientWidth / 2, y * scrollHeight - clientHeight / 2);
  }
}
