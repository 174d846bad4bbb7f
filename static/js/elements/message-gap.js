// Messages between others that this page has not got: they come when one scrolls near, or by the button.

import { elementsFrom, makeScrollable } from "../lib/blocks.js";
import { register } from "../lib/commands.js";
import { answer } from "../lib/http.js";

const NEAR = 600;
const STALE = 409;

/**
 * `data-before` is the message below it, `data-after` the one above it, if any. Tells its ancestors of `thread-changed`
 * when messages came, and of `thread-stale` where the conversation shows another branch by now.
 */
class MessageGap extends HTMLElement {
  #sight;
  #loading = null;

  connectedCallback() {
    const options = { root: this.closest("[data-scroller]"), rootMargin: `${NEAR}px 0px` };
    this.#sight = new IntersectionObserver(([...entries]) => this.#seen(entries.at(-1)), options);
    this.#sight.observe(this);
  }

  disconnectedCallback() {
    this.#sight.disconnect();
  }

  /** Whether a message of this conversation is here, if it is on the branch that is shown. */
  mayHave(messageId) {
    const [after, before] = [Number(this.dataset.after), Number(this.dataset.before)];
    return after < messageId && messageId < before;
  }

  /**
   * Fetch messages to stand in this place: the last ones, the first ones where the reader comes from above, or those
   * around one. Returns a promise of whether they came.
   */
  load(options = {}) {
    this.#loading ??= this.#load(options).finally(() => (this.#loading = null));
    return this.#loading;
  }

  #seen({ isIntersecting, boundingClientRect, rootBounds }) {
    if (!isIntersecting || !this.#failure.hidden) return;
    const middle = (boundingClientRect.top + boundingClientRect.bottom) / 2;
    this.load({ isFromAbove: middle > (rootBounds.top + rootBounds.bottom) / 2 });
  }

  async #load({ isFromAbove = false, around = null }) {
    this.ariaBusy = "true";
    this.#failure.hidden = true;
    const response = await answer(this.#address(isFromAbove, around));
    const html = response?.ok ? await response.text().catch(() => null) : null;
    this.ariaBusy = null;
    if (html !== null) this.#fill(elementsFrom(html), isFromAbove);
    else if (response?.status !== STALE) this.#scroller.keepInPlace(() => (this.#failure.hidden = false));
    else if (around === null) this.#tell("thread-stale");
    return html !== null;
  }

  #address(isFromAbove, around) {
    const { before, after } = this.dataset;
    const fields = new URLSearchParams({ before });
    if (after) fields.set("after", after);
    if (after && isFromAbove) fields.set("from", "above");
    if (around !== null) fields.set("around", around);
    return `/c/${this.closest("chat-conversation").dataset.conversationId}/earlier/?${fields}`;
  }

  #fill(elements, isFromAbove) {
    if (!this.isConnected) return; // the thread was fetched afresh meanwhile
    const hadFocus = this.contains(document.activeElement);
    const thread = this.parentElement;
    this.#scroller.keepInPlace(() => {
      this.replaceWith(...elements);
      for (const element of elements) makeScrollable(element);
    });
    thread.dispatchEvent(new CustomEvent("thread-changed", { bubbles: true }));
    if (hadFocus) goOnReading(elements, isFromAbove);
  }

  get #scroller() {
    return this.closest("thread-scroller");
  }

  get #failure() {
    return this.querySelector("[data-failure]");
  }

  #tell(event) {
    this.dispatchEvent(new CustomEvent(event, { bubbles: true }));
  }
}

/** Who pressed the button goes on from where it was. */
function goOnReading(elements, isFromAbove) {
  const articles = elements.filter((element) => element.matches("article"));
  const next = articles.at(isFromAbove ? 0 : -1);
  if (!next) return;
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
}

/** Fetch all that is missing: paper shows nothing that comes later. */
async function printAll() {
  for (let gap = anyGap(); gap; gap = anyGap())
    if (!(await gap.load())) throw new Error("messages were not to be had");
  window.print();
}

function anyGap() {
  return document.querySelector("message-gap");
}

register(
  {
    id: "messages.earlier",
    label: "earlier-messages",
    icon: "send",
    needsTrigger: true,
    run: (button) => button.closest("message-gap").load(),
  },
  {
    id: "conversation.print",
    label: "print",
    keys: "Control+P",
    isPossible: () => anyGap() !== null,
    run: printAll,
  },
);

customElements.define("message-gap", MessageGap);
