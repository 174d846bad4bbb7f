// What is drawn on a picture is dragged by one pointer, or moved step by step with the arrow keys.

const LEAST_WAY_PX = 4; // a shorter way of the pointer is a tap
const STEP = 0.01; // of the longer side, by an arrow key
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The step, in pixels of a picture of this size, that a key stands for; null for another key. */
export function stepOf(key, { width, height }) {
  const step = Math.max(1, Math.round(STEP * Math.max(width, height)));
  return ARROWS[key]?.map((along) => along * step) ?? null;
}

/**
 * Drags over `surface`. `begin(event)` returns one, {to(event), tap()}, or null where nothing can be dragged; a `to` that
 * returns false gives it up. `end(isLong)` follows each; `drop()` follows one that a second finger has broken off.
 */
export class Drags {
  #surface;
  #handlers;
  #drag = null;
  #start; // the event
  #isLong;
  /** Or the browser takes the end of the drag for a fling, and the next tap for one that ends that. */
  #hold = (event) => this.#drag && event.preventDefault();

  constructor(surface, handlers) {
    this.#surface = surface;
    this.#handlers = handlers;
    surface.addEventListener("pointerdown", (event) => this.#pressed(event));
    surface.addEventListener("pointermove", (event) => this.#moved(event));
    surface.addEventListener("pointerup", () => this.#released());
    surface.addEventListener("pointercancel", () => this.#broken());
    surface.addEventListener("touchmove", this.#hold, { passive: false });
  }

  /** Forget the drag that goes on, if any. */
  forget() {
    this.#drag = null;
  }

  #pressed(event) {
    if (!event.isPrimary) return this.#broken(); // two fingers enlarge the picture
    if (event.button !== 0) return;
    const drag = this.#handlers.begin(event);
    if (!drag) return;
    event.preventDefault();
    this.#surface.setPointerCapture(event.pointerId);
    // touches go on to what they began on, also when that was drawn anew and is no longer here
    event.target.addEventListener("touchmove", this.#hold, { passive: false });
    [this.#drag, this.#start, this.#isLong] = [drag, event, false];
  }

  #moved(event) {
    if (!this.#drag || !event.isPrimary) return;
    const { clientX, clientY } = this.#start;
    this.#isLong ||= Math.hypot(event.clientX - clientX, event.clientY - clientY) >= LEAST_WAY_PX;
    if (this.#isLong && this.#drag.to(event) === false) this.#drag = null;
  }

  #released() {
    const drag = this.#drag;
    if (!drag) return;
    this.#drag = null;
    if (!this.#isLong) drag.tap?.();
    this.#handlers.end(this.#isLong);
  }

  #broken() {
    if (!this.#drag) return;
    this.#drag = null;
    this.#handlers.drop();
  }
}
