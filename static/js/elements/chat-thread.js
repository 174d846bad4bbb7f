// The thread: applies what the server says about messages and running replies.

import { announce, copy, text } from "../lib/page.js";
import { appendText, decorate, elementsFrom, fill, makeScrollable, writeBlocks } from "../lib/blocks.js";

export class ChatThread {
  #element;
  #tell;

  /**
   * `changed()` is told whenever a message came, went, began or ended, `focusLost()` when the focus went with it;
   * `ask(type, fields)` sends a command, and tells the person itself where it is refused.
   */
  constructor(element, { changed, focusLost, ask }) {
    this.#element = element;
    this.#tell = { changed, focusLost, ask };
    element.addEventListener("click", (event) => this.#clicked(event));
    decorate(element);
    makeScrollable(element);
  }

  get #articles() {
    return [...this.#element.querySelectorAll("[data-message-id]")];
  }

  get leafId() {
    return this.#articles.at(-1)?.dataset.messageId ?? null;
  }

  get runningId() {
    return (
      this.#articles.findLast((article) => article.dataset.status === "running")?.dataset.messageId ?? null
    );
  }

  /** What this page has seen of the replies that may have gone on: those that ran, and the last. */
  get cursors() {
    const articles = this.#articles;
    const open = articles.filter(
      ({ dataset }, index) =>
        dataset.status === "running" || (dataset.status && index === articles.length - 1),
    );
    return Object.fromEntries(open.map(({ dataset }) => [dataset.messageId, Number(dataset.revision)]));
  }

  /** The words of the last message of the person. */
  get lastSaid() {
    const said = this.#articles.findLast((article) => article.dataset.role === "user");
    return said?.querySelector("[data-body]").textContent ?? null;
  }

  /** Apply one frame. False: the page and the frame do not fit, the thread must be fetched again. */
  apply(frame) {
    if (frame.type === "message.created") return this.#create(frame);
    const article = this.#find(frame.message_id);
    if (!article) return false;
    const body = article.querySelector("[data-body]");
    if (frame.type === "reply.append") appendText(body, frame.text);
    else if (!writeBlocks(body, frame)) return false;
    article.dataset.revision = frame.revision;
    if (frame.type === "reply.settled") this.#settle(article, frame);
    else if (article.dataset.status !== "running") this.#begin(article);
    return true;
  }

  /** Show what another copy of this page shows, and touch only what differs. */
  adopt(fresh) {
    decorate(fresh);
    const before = new Map(this.#articles.map((article) => [article.dataset.messageId, article]));
    const after = [...fresh.children].map((element) => {
      const known = before.get(element.dataset.messageId);
      return known && isSame(known, element) ? known : element;
    });
    this.#keepingFocus(() => {
      const { children } = this.#element;
      after.forEach((element, index) => {
        // what stands in its place is not moved: that would cost it focus and selection
        if (children[index] !== element) this.#element.insertBefore(element, children[index] ?? null);
      });
      while (children.length > after.length) this.#element.lastElementChild.remove();
    });
    makeScrollable(this.#element);
  }

  #clicked(event) {
    const button = event.target.closest("[data-action], [data-copy-code]");
    if (!button || button.ariaDisabled === "true") return;
    const { messageId } = button.closest("[data-message-id]").dataset;
    if ("copyCode" in button.dataset)
      showCopied(button, copy(button.closest(".code").querySelector("pre").textContent));
    else if (button.dataset.action === "copy") showCopied(button, copy(fetchMarkdown(messageId)));
    else this.#command(button, `turn.${button.dataset.action}`, messageId);
  }

  async #command(button, type, message_id) {
    button.ariaDisabled = "true";
    await this.#tell.ask(type, { message_id });
    button.ariaDisabled = null;
  }

  #find(messageId) {
    return this.#articles.find((article) => article.dataset.messageId === messageId);
  }

  #create({ message_id, parent_id, html }) {
    const [article] = elementsFrom(html);
    const known = this.#find(message_id);
    const parent = parent_id === null ? null : this.#find(parent_id);
    if (!known && parent === undefined) return false;
    this.#keepingFocus(() => {
      if (known) known.replaceWith(article);
      else {
        this.#removeAfter(parent);
        this.#element.append(article);
      }
    });
    if (article.dataset.status === "running") announce(text("answer-began"));
    return true;
  }

  #keepingFocus(change) {
    const focused = document.activeElement;
    change();
    this.#tell.changed();
    if (focused !== document.body && document.activeElement === document.body) this.#tell.focusLost();
  }

  #removeAfter(parent) {
    if (!parent) this.#element.replaceChildren();
    else while (parent.nextElementSibling) parent.nextElementSibling.remove();
  }

  // another page went on with this reply while this one was away
  #begin(article) {
    article.dataset.status = "running";
    this.#tell.changed();
  }

  #settle(article, { status, html }) {
    article.dataset.status = status;
    fill(article.querySelector("[data-footer]"), html);
    makeScrollable(article);
    announce(text(`answer-${status}`));
    this.#tell.changed();
  }
}

// A reply that runs on both sides is kept: what the server sends next builds on what is here.
function isSame(known, fresh) {
  if (known.dataset.status === "running" && fresh.dataset.status === "running") return true;
  return (
    known.dataset.revision === fresh.dataset.revision &&
    known.dataset.status === fresh.dataset.status &&
    known.textContent === fresh.textContent
  );
}

async function fetchMarkdown(messageId) {
  const response = await fetch(`/messages/${messageId}/text/`, { redirect: "error" });
  if (!response.ok) throw new Error(response.statusText);
  return response.text();
}

async function showCopied(button, copying) {
  if (!(await copying))
    return void import("./toast-list.js").then(({ notify }) => notify(text("copy-failed")));
  const use = button.querySelector("use");
  use.setAttribute("href", "#icon-check");
  setTimeout(() => use.setAttribute("href", "#icon-copy"), 1500);
}
