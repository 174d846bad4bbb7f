// The thread: applies what the server says about messages and running replies.

import { announce } from "../lib/announce.js";
import { decorate, elementsFrom, fill, makeScrollable, writeFrame } from "../lib/blocks.js";
import { copy, whyNotCopied } from "../lib/clipboard.js";
import { register } from "../lib/commands.js";
import { fetchText, loaded } from "../lib/http.js";
import { setIcon } from "../lib/icons.js";
import { text } from "../lib/strings.js";

const COPIED_MS = 1500;

/**
 * Tells its ancestors of `thread-changed`: a message came, went, began or ended; of `thread-focus-lost`: what had the
 * focus went with it; and a message, of `message-sent`: it is a question that begins a turn.
 */
class ChatThread extends HTMLElement {
  connectedCallback() {
    decorate(this);
    makeScrollable(this);
  }

  get #articles() {
    return [...this.querySelectorAll("[data-message-id]")];
  }

  get leafId() {
    return this.#articles.at(-1)?.dataset.messageId ?? null;
  }

  get runningId() {
    const running = this.#articles.findLast(({ dataset }) => dataset.status === "running");
    return running?.dataset.messageId ?? null;
  }

  /** What this page has seen of the replies that may have gone on: those that ran, and the last. */
  get cursors() {
    const replies = this.#articles.map(({ dataset }) => dataset).filter(({ role }) => role === "assistant");
    const last = replies.at(-1);
    const open = replies.filter((reply) => reply === last || reply.status === "running");
    return Object.fromEntries(open.map(({ messageId, revision }) => [messageId, Number(revision)]));
  }

  /** The pictures of all messages, as [id, element]. */
  get pictures() {
    return [...this.querySelectorAll("[data-image]")].map((tile) => [tile.dataset.image, tile]);
  }

  /** The last message of the person, as {id, words}; null where there is none. */
  get lastSaid() {
    const said = this.#articles.findLast(({ dataset }) => dataset.role === "user");
    return said ? { id: said.dataset.messageId, words: said.querySelector("[data-body]").textContent } : null;
  }

  /** Apply one frame. False: the page and the frame do not fit, the thread must be fetched again. */
  apply(frame) {
    if (frame.type === "message.created") return this.#create(frame);
    if (frame.type === "message.removed") return this.takeOut(frame.message_id);
    const article = this.find(frame.message_id);
    if (!article) return false;
    const waiting = article.querySelector("reply-waiting");
    if (frame.type === "reply.note") return waiting?.setAttribute("data-note", frame.text) ?? true;
    waiting?.remove();
    if (!writeFrame(article, frame)) return false;
    article.dataset.revision = frame.revision;
    if (frame.type === "reply.settled") this.#settle(article, frame);
    else if (article.dataset.status !== "running") {
      article.dataset.status = "running"; // another page went on with it while this one was away
      this.#tell("thread-changed");
    }
    return true;
  }

  /** Show what another copy of this page shows, and touch only what differs. */
  adopt(fresh) {
    decorate(fresh);
    this.dataset.treeRevision = fresh.dataset.treeRevision;
    const before = new Map(this.#articles.map((article) => [article.dataset.messageId, article]));
    const after = [...fresh.children].map((element) => {
      const known = before.get(element.dataset.messageId);
      return known && isSame(known, element) ? known : element;
    });
    this.#keepingFocus(() => {
      after.forEach((element, index) => {
        // what stands in its place is not moved: that would cost it focus and selection
        if (this.children[index] !== element) this.insertBefore(element, this.children[index] ?? null);
      });
      while (this.children.length > after.length) this.lastElementChild.remove();
    });
    makeScrollable(this);
  }

  /** Show a waiting message no longer. */
  takeOut(messageId) {
    this.#keepingFocus(() => this.find(messageId)?.remove());
    return true;
  }

  find(messageId) {
    return this.#articles.find(({ dataset }) => dataset.messageId === messageId);
  }

  #create({ message_id, parent_id, html }) {
    const [article] = elementsFrom(html);
    const known = this.find(message_id);
    const parent = parent_id === null ? null : this.find(parent_id);
    if (!known && parent === undefined) return false;
    if (known?.isEqualNode(article)) return true; // a waiting message is sent anew on every connection
    this.#keepingFocus(() => {
      if (known) known.replaceWith(article);
      else {
        this.#removeAfter(parent);
        this.append(article);
      }
    });
    if (article.dataset.role === "user" && !("waiting" in article.dataset))
      article.dispatchEvent(new CustomEvent("message-sent", { bubbles: true }));
    if (article.dataset.status === "running") announce(text("answer-began"));
    else if ("waiting" in article.dataset) announce(article.querySelector("[data-reason] span").textContent);
    return true;
  }

  #keepingFocus(change) {
    const focused = document.activeElement;
    change();
    this.#tell("thread-changed");
    if (focused !== document.body && document.activeElement === document.body)
      this.#tell("thread-focus-lost");
  }

  #removeAfter(parent) {
    if (!parent) this.replaceChildren();
    else while (parent.nextElementSibling) parent.nextElementSibling.remove();
  }

  #settle(article, { status, html }) {
    article.dataset.status = status;
    article.querySelector("[data-thoughts]:not(:has(.block))")?.remove();
    fill(article.querySelector("[data-footer]"), html);
    makeScrollable(article);
    announce(text(`answer-${status}`));
    this.#tell("thread-changed");
  }

  #tell(event) {
    this.dispatchEvent(new CustomEvent(event, { bubbles: true }));
  }
}

function isSame(known, fresh) {
  return (
    known.dataset.revision === fresh.dataset.revision &&
    known.dataset.status === fresh.dataset.status &&
    wordsOf(known) === wordsOf(fresh)
  );
}

/** What an article says, without the tree that it may have fetched of its JSON. */
function wordsOf(article) {
  return article.textContent.replace(article.querySelector("json-answer")?.textContent ?? "", "");
}

async function ask(button, type) {
  button.ariaDisabled = "true";
  await button.closest("chat-conversation").ask(type, { message_id: messageIdOf(button) });
  button.ariaDisabled = null;
}

async function copyWith(button, words) {
  if (await copy(words)) {
    announce(text("copied"));
    setIcon(button, "check");
    setTimeout(() => setIcon(button, "copy"), COPIED_MS);
  } else {
    const { notify } = await loaded(() => import("./toast-list.js"));
    notify(text(await whyNotCopied(words)));
  }
}

async function markdownOf(messageId) {
  const words = await fetchText(`/messages/${messageId}/text/`);
  if (words === null) throw new Error("the message was not to be had");
  return words;
}

function messageIdOf(button) {
  return button.closest("[data-message-id]").dataset.messageId;
}

register(
  { id: "turn.send", run: (button) => ask(button, "turn.send") },
  {
    id: "turn.continue",
    label: "continue",
    icon: "more-text",
    needsTrigger: true,
    run: (button) => ask(button, "turn.continue"),
  },
  {
    id: "turn.regenerate",
    label: "regenerate",
    icon: "again",
    needsTrigger: true,
    run: (button) => ask(button, "turn.regenerate"),
  },
  {
    id: "message.copy",
    label: "copy-answer",
    icon: "copy",
    needsTrigger: true,
    run: (button) => copyWith(button, markdownOf(messageIdOf(button))),
  },
  {
    id: "code.copy",
    run: (button) => copyWith(button, button.closest(".code").querySelector("pre").textContent),
  },
);

customElements.define("chat-thread", ChatThread);
