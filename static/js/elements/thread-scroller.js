// The only place that scrolls the thread. Whether to follow is told from where the reader went.

import { register } from "../lib/commands.js";

const NEAR = 40;
const prefersStillness = matchMedia("(prefers-reduced-motion: reduce)");

class ThreadScroller extends HTMLElement {
  #isFollowing = false;
  #lastTop = 0;
  #lastHeight = 0;
  #sizes = new ResizeObserver(() => this.#sizeChanged());

  connectedCallback() {
    this.addEventListener("scroll", this.#readerMoved, { passive: true });
    this.#sizes.observe(this);
    this.#sizes.observe(this.querySelector("chat-thread"));
  }

  disconnectedCallback() {
    this.#sizes.disconnect();
  }

  /** Go to the end and stay there while the thread grows, until the reader scrolls up. */
  follow() {
    this.#setFollowing(true);
    this.#jumpToEnd();
  }

  /** Go to this message and stay there. */
  show(article) {
    this.#setFollowing(false);
    article.scrollIntoView({ block: "start", behavior: "instant" });
    this.#remember();
  }

  glideToEnd() {
    this.focus({ preventScroll: true });
    this.#setFollowing(true);
    this.scrollTo({ top: this.scrollHeight, behavior: prefersStillness.matches ? "instant" : "smooth" });
  }

  get #distance() {
    return this.scrollHeight - this.clientHeight - this.scrollTop;
  }

  #jumpToEnd() {
    this.scrollTop = this.scrollHeight;
    this.#remember();
  }

  #remember() {
    this.#lastTop = this.scrollTop;
    this.#lastHeight = this.scrollHeight;
  }

  #readerMoved() {
    const movedUp = this.scrollTop < this.#lastTop && this.scrollHeight >= this.#lastHeight;
    if (movedUp && this.#distance > 1) this.#setFollowing(false);
    else if (this.#distance <= NEAR) this.#setFollowing(true);
    this.#remember();
  }

  #sizeChanged() {
    if (this.#isFollowing) this.#jumpToEnd();
    else {
      if (this.scrollHeight > this.#lastHeight) toEnd().dataset.news = "";
      this.#lastHeight = this.scrollHeight;
      if (this.#distance <= 1 && this.#lastTop > 0) this.#setFollowing(true);
    }
  }

  #setFollowing(isFollowing) {
    this.#isFollowing = isFollowing;
    toEnd().hidden = isFollowing;
    if (isFollowing) delete toEnd().dataset.news;
  }
}

function toEnd() {
  return document.querySelector("[data-to-end]");
}

register({
  id: "thread.end",
  label: "to-end",
  icon: "down",
  needsTrigger: true,
  run: () => document.querySelector("thread-scroller").glideToEnd(),
});

customElements.define("thread-scroller", ThreadScroller);
