// The only place that scrolls the thread. Whether to follow is told from where the reader went.
//
// With `data-sent-to-top` a message that was just sent goes to the top instead, and its answer grows below it. The
// thread gets the height for that at once, so that nothing moves while the answer fills it.

import { register } from "../lib/commands.js";

const NEAR = 40;
const GAP = 16;
const LARGEST_QUESTION = 0.5; // of the view: the rest is for the answer
const prefersStillness = matchMedia("(prefers-reduced-motion: reduce)");

class ThreadScroller extends HTMLElement {
  #view; // what scrolls: a section, which a custom element is not
  #isFollowing = false;
  #lastTop = 0;
  #lastHeight = 0;
  #onTop = null; // the message at the top
  #isHeld = false; // the reader has not scrolled away from it
  #reserved = 0; // the height that the thread has for its answer
  #lastSent = null;
  #sizes = new ResizeObserver(() => this.#sizeChanged());

  connectedCallback() {
    this.#view = this.querySelector("[data-scroller]");
    this.#view.addEventListener("scroll", () => this.#readerMoved(), { passive: true });
    this.#lastSent = this.#sent?.dataset.messageId;
    this.addEventListener("thread-changed", this.#threadChanged);
    this.#sizes.observe(this.#view);
    this.#sizes.observe(this.#thread);
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
    this.#view.focus({ preventScroll: true });
    this.#setFollowing(true);
    this.#view.scrollTo({
      top: this.#view.scrollHeight,
      behavior: prefersStillness.matches ? "instant" : "smooth",
    });
  }

  get #thread() {
    return this.querySelector("chat-thread");
  }

  /** The last message that was sent. */
  get #sent() {
    return [...this.querySelectorAll("[data-role=user]:not([data-waiting])")].at(-1);
  }

  get #distance() {
    return this.#view.scrollHeight - this.#view.clientHeight - this.#view.scrollTop;
  }

  #jumpToEnd() {
    this.#view.scrollTop = this.#view.scrollHeight;
    this.#remember();
  }

  #remember() {
    this.#lastTop = this.#view.scrollTop;
    this.#lastHeight = this.#view.scrollHeight;
  }

  #readerMoved() {
    if (this.#onTop) this.#isHeld = Math.abs(this.#view.scrollTop - this.#topPlace) <= 1;
    const movedUp = this.#view.scrollTop < this.#lastTop && this.#view.scrollHeight >= this.#lastHeight;
    if (movedUp && this.#distance > 1) this.#setFollowing(false);
    else if (this.#distance <= NEAR && !this.#hasRoom) this.#setFollowing(true);
    this.#remember();
    this.#offerEnd();
  }

  #threadChanged() {
    const sent = this.#sent;
    if (sent?.dataset.messageId === this.#lastSent) return;
    this.#lastSent = sent?.dataset.messageId;
    if (sent && this.#isFollowing && "sentToTop" in this.dataset) this.#toTop(sent);
  }

  #toTop(article) {
    this.#setFollowing(false);
    this.#onTop = article;
    this.#isHeld = true;
    this.#holdTop();
    this.#remember();
  }

  /** Give the thread the height at which its end is seen with the message at the top, and keep it there. */
  #holdTop() {
    if (!this.#onTop.isConnected) this.#onTop = null;
    this.#reserved = this.#onTop ? this.#topPlace + this.#view.clientHeight : 0;
    this.#thread.style.minHeight = this.#onTop ? `${this.#reserved}px` : "";
    if (this.#onTop && this.#isHeld) this.#view.scrollTop = this.#topPlace;
  }

  /** How far down the thread the view begins where the message is at the top. */
  get #topPlace() {
    const { top, height } = this.#onTop.getBoundingClientRect();
    const cut = Math.max(0, height - LARGEST_QUESTION * this.#view.clientHeight);
    return Math.round(top - this.#thread.getBoundingClientRect().top - GAP + cut);
  }

  /** Whether the answer below the message at the top has not filled the view yet. */
  get #hasRoom() {
    return this.#onTop !== null && this.#view.scrollHeight <= this.#reserved;
  }

  #sizeChanged() {
    if (this.#onTop) this.#holdTop();
    if (this.#isFollowing) this.#jumpToEnd();
    else {
      if (this.#view.scrollHeight > this.#lastHeight) toEnd().dataset.news = "";
      this.#lastHeight = this.#view.scrollHeight;
      if (this.#distance <= 1 && this.#lastTop > 0 && !this.#onTop) this.#setFollowing(true);
    }
    this.#offerEnd();
  }

  #setFollowing(isFollowing) {
    this.#isFollowing = isFollowing;
    this.#offerEnd();
  }

  #offerEnd() {
    const button = toEnd();
    button.hidden = this.#isFollowing || this.#distance <= 1;
    if (button.hidden) delete button.dataset.news;
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
