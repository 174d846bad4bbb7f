// The only place that scrolls the thread. Whether to follow is told from where the reader went.

import { prefersStillness } from "../lib/page.js";

const NEAR = 40;

export class ThreadScroll {
  #scroller;
  #button;
  #isFollowing = false;
  #lastTop = 0;
  #lastHeight = 0;

  constructor(scroller, content, button) {
    this.#scroller = scroller;
    this.#button = button;
    scroller.addEventListener("scroll", () => this.#readerMoved(), { passive: true });
    button.addEventListener("click", () => this.#glideToEnd());
    const sizes = new ResizeObserver(() => this.#sizeChanged());
    sizes.observe(scroller);
    sizes.observe(content);
  }

  /** Go to the end and stay there while the thread grows, until the reader scrolls up. */
  follow() {
    this.#setFollowing(true);
    this.#jumpToEnd();
  }

  get #distance() {
    const { scrollHeight, clientHeight, scrollTop } = this.#scroller;
    return scrollHeight - clientHeight - scrollTop;
  }

  #jumpToEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#remember();
  }

  #glideToEnd() {
    this.#scroller.focus({ preventScroll: true });
    this.#setFollowing(true);
    this.#scroller.scrollTo({
      top: this.#scroller.scrollHeight,
      behavior: prefersStillness.matches ? "instant" : "smooth",
    });
  }

  #remember() {
    this.#lastTop = this.#scroller.scrollTop;
    this.#lastHeight = this.#scroller.scrollHeight;
  }

  #readerMoved() {
    const { scrollTop, scrollHeight } = this.#scroller;
    const movedUp = scrollTop < this.#lastTop && scrollHeight >= this.#lastHeight;
    if (movedUp && this.#distance > 1) this.#setFollowing(false);
    else if (this.#distance <= NEAR) this.#setFollowing(true);
    this.#remember();
  }

  #sizeChanged() {
    if (this.#isFollowing) this.#jumpToEnd();
    else {
      if (this.#scroller.scrollHeight > this.#lastHeight) this.#button.dataset.news = "";
      this.#lastHeight = this.#scroller.scrollHeight;
      if (this.#distance <= 1 && this.#lastTop > 0) this.#setFollowing(true);
    }
  }

  #setFollowing(isFollowing) {
    this.#isFollowing = isFollowing;
    this.#button.hidden = isFollowing;
    if (isFollowing) delete this.#button.dataset.news;
  }
}
