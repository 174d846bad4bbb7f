// A message that stays at the top of what scrolls while its answer grows below it. The thread gets the height for that
// at once, so that nothing moves while the answer fills it.

const GAP = 16;
const LARGEST_QUESTION = 0.5; // of the view: the rest is for the answer

export class TopHold {
  #view;
  #thread;
  #message;
  #isHeld = true; // the reader has not scrolled away from it

  /** `view` scrolls the thread that the message is in. */
  constructor(view, thread, message) {
    this.#view = view;
    this.#thread = thread;
    this.#message = message;
    this.apply();
  }

  /** Bring height and place up to date. Returns false where the message has gone: then it holds nothing any more. */
  apply() {
    const isHere = this.#message.isConnected;
    this.#thread.style.minHeight = isHere ? `${this.#height}px` : "";
    if (isHere && this.#isHeld) this.#view.scrollTop = this.#top;
    return isHere;
  }

  /** The reader has scrolled. */
  moved() {
    this.#isHeld = Math.abs(this.#view.scrollTop - this.#top) <= 1;
  }

  /** Whether the answer has not filled the view yet. */
  get hasRoom() {
    return this.#view.scrollHeight <= this.#height;
  }

  /** The height of the thread at which its end is seen with the message at the top. */
  get #height() {
    return this.#top + this.#view.clientHeight;
  }

  /** How far down the thread the view begins then. */
  get #top() {
    const { top, height } = this.#message.getBoundingClientRect();
    const cut = Math.max(0, height - LARGEST_QUESTION * this.#view.clientHeight);
    return Math.round(top - this.#thread.getBoundingClientRect().top - GAP + cut);
  }
}
