// The only place that scrolls the thread. Whether to follow is told from where the reader went.
// With `data-sent-to-top` a message that was just sent goes to the top instead, and its answer grows below it.

import { register } from "../lib/commands.js";
import { loaded } from "../lib/http.js";

const NEAR = 40;
const prefersStillness = matchMedia("(prefers-reduced-motion: reduce)");

class ThreadScroller extends HTMLElement {
  #view; // what scrolls: a section, which a custom element is not
  #isFollowing = false;
  #lastTop = 0;
  #lastHeight = 0;
  #hold = null; // of a message at the top
  #holds = null; // the script for it, where the person has chosen that
  #sizes = new ResizeObserver(() => this.#sizeChanged());

  connectedCallback() {
    this.#view = this.querySelector("[data-scroller]");
    this.#view.addEventListener("scroll", () => this.#readerMoved(), { passive: true });
    this.addEventListener("message-sent", ({ target }) => this.#messageSent(target));
    if ("sentToTop" in this.dataset) this.#holds = loaded(() => import("../lib/top-hold.js"));
    this.#remember(); // what the page came with is no news
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

  /** What scrolls. */
  get view() {
    return this.#view;
  }

  /** Stay here while the thread changes. */
  stay() {
    this.#setFollowing(false);
    this.#remember();
  }

  /** Go to this message and stay there. */
  show(article) {
    article.scrollIntoView({ block: "start", behavior: "instant" });
    this.stay();
  }

  /** Let `change` add and remove messages, while those that the reader sees stay where they are. */
  keepInPlace(change) {
    const topOf = (article) => article.getBoundingClientRect().top;
    const seen = this.#seen.map((article) => [article.id, topOf(article)]);
    this.#view.style.overflowAnchor = "none"; // the browser would do it once more, or not at all at the top
    change();
    this.#hold?.apply();
    const [id, top] = seen.find(([key]) => document.getElementById(key)) ?? [];
    if (this.#isFollowing) this.#jumpToEnd();
    else if (id) this.#view.scrollTop += topOf(document.getElementById(id)) - top;
    this.#remember();
    requestAnimationFrame(() => (this.#view.style.overflowAnchor = ""));
  }

  /** The id of the first message that the reader sees; null for one who is at the end. */
  get readId() {
    return this.#isFollowing ? null : (this.#seen[0]?.dataset.messageId ?? null);
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

  /** The messages in sight. */
  get #seen() {
    const { top, bottom } = this.#view.getBoundingClientRect();
    return [...this.querySelectorAll("[data-message-id]")].filter((article) => {
      const box = article.getBoundingClientRect();
      return box.bottom > top && box.top < bottom;
    });
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
    this.#hold?.moved();
    if (this.#view.scrollTop === this.#lastTop) return; // the script has scrolled, not the reader
    const movedUp = this.#view.scrollTop < this.#lastTop && this.#view.scrollHeight >= this.#lastHeight;
    if (movedUp && this.#distance > 1) this.#setFollowing(false);
    else if (this.#distance <= NEAR && !this.#hold?.hasRoom) this.#setFollowing(true);
    this.#remember();
    this.#offerEnd();
  }

  async #messageSent(article) {
    if (!this.#holds) return;
    const { TopHold } = await this.#holds;
    if (!this.#isFollowing) return;
    this.#setFollowing(false);
    this.#hold = new TopHold(this.#view, this.#thread, article);
    this.#remember();
  }

  #sizeChanged() {
    if (this.#hold && !this.#hold.apply()) this.#hold = null;
    if (this.#isFollowing) this.#jumpToEnd();
    else {
      if (this.#view.scrollHeight > this.#lastHeight) toEnd().dataset.news = "";
      this.#lastHeight = this.#view.scrollHeight;
      if (this.#distance <= 1 && this.#lastTop > 0 && !this.#hold) this.#setFollowing(true);
    }
    this.#offerEnd();
  }

  /** While a question is edited nothing may move it away. */
  #setFollowing(isFollowing) {
    this.#isFollowing = isFollowing && !this.querySelector("message-editor");
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
