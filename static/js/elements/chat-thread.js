// The thread: applies what the server says about messages and running replies.

import { announce } from "../lib/announce.js";
import { decorate, elementsFrom, fill, makeScrollable, writeFrame } from "../lib/blocks.js";
import { copy, whyNotCopied } from "../lib/clipboard.js";
import { register } from "../lib/commands.js";
import { editKey, isShownHere } from "../lib/drafts.js";
import { fetchText, loaded } from "../lib/http.js";
import { setIcon } from "../lib/icons.js";
import { newId } from "../lib/ids.js";
import { text } from "../lib/strings.js";

const COPIED_MS = 1500;

/**
 * Tells its ancestors of `thread-changed`: a message came, went, began or ended; of `thread-focus-lost`: what had the
 * focus went with it; and a message, of `message-sent`: it is a question that begins a turn.
 */
class ChatThread extends HTMLElement {
  #away = new Map(); // articles of replies that run on a branch that is not shown, by id: the socket still brings them

  connectedCallback() {
    decorate(this);
    makeScrollable(this);
    this.#editOn();
  }

  /** A new connection brings only what is shown. */
  forgetAway() {
    this.#away.clear();
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
    const article = this.find(frame.message_id) ?? this.#away.get(frame.message_id);
    if (!article) return true; // of a branch that is not shown
    if (frame.type === "feedback.changed") return takeMark(frame);
    const waiting = article.querySelector("reply-waiting");
    if (frame.type === "reply.note") return Object.assign(waiting?.dataset ?? {}, frame);
    if (frame.type === "reply.places") return takePlaces(article, frame);
    waiting?.remove();
    if (!writeFrame(article, frame)) {
      article.dataset.revision = -1; // what is fetched is newer
      return !article.isConnected;
    }
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
    const after = [...fresh.children].map((element) => this.#current(element, before));
    this.#keepingFocus(() => {
      after.forEach((element, index) => {
        // what stands in its place is not moved: that would cost it focus and selection
        if (this.children[index] !== element) this.insertBefore(element, this.children[index] ?? null);
      });
      this.#takeOutAll([...this.children].slice(after.length));
    });
    makeScrollable(this);
  }

  /** Show what `fresh` has, a branch from a message on, after the parent of that. False: it is not here. */
  showFrom(fresh) {
    const { parentId } = fresh.firstElementChild.dataset;
    const parent = parentId ? this.find(parentId) : null;
    if (parent === undefined) return false;
    this.dataset.treeRevision = fresh.dataset.treeRevision;
    this.#keepingFocus(() => {
      this.#removeAfter(parent);
      this.append(...[...fresh.children].map((article) => this.#current(article)));
    });
    makeScrollable(this);
    return true;
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
    this.#away.delete(message_id);
    this.#keepingFocus(() => {
      if (known?.querySelector("message-editor")) renewAround(known, article);
      else if (known) known.replaceWith(article);
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

  /** The article to show for a fresh one: one of `before`, where that is the same or newer, brought up to date. */
  #current(fresh, before = new Map()) {
    const { messageId } = fresh.dataset;
    const known = before.get(messageId) ?? this.#away.get(messageId);
    this.#away.delete(messageId);
    if (!known) return fresh;
    renewVersions(known, fresh);
    if (isNewer(known, fresh) || isSame(known, fresh)) return known;
    if (!("editing" in known.dataset)) return fresh;
    renewAround(known, fresh);
    return known;
  }

  #keepingFocus(change) {
    const focused = document.activeElement;
    const place = { ...focused.closest("[data-message-id]")?.dataset, ...focused.dataset };
    change();
    this.#tell("thread-changed");
    if (focused === document.body || document.activeElement !== document.body) return;
    const button = this.#buttonAt(place);
    if (button) button.focus({ preventScroll: true });
    else this.#tell("thread-focus-lost");
  }

  /** The button that does the same for the same message, else for the version that stands in its place. */
  #buttonAt({ messageId, parentId, command }) {
    if (!command) return null;
    const article =
      this.find(messageId) ?? this.#articles.find(({ dataset }) => dataset.parentId === parentId);
    return article?.querySelector(`[data-command="${command}"]`);
  }

  #removeAfter(parent) {
    const articles = [...this.children];
    this.#takeOutAll(articles.slice(articles.indexOf(parent) + 1));
  }

  #takeOutAll(elements) {
    for (const element of elements) {
      if (element.dataset.status === "running") this.#away.set(element.dataset.messageId, element);
      element.remove();
    }
  }

  /** Open what was being edited when the page was left. */
  #editOn() {
    const conversation = this.closest("chat-conversation");
    const isBegun = ({ dataset }) => isShownHere(editKey(conversation.dataset, dataset.messageId));
    const begun = this.querySelectorAll("[data-role=user]:not([data-waiting])");
    for (const article of [...begun].filter(isBegun))
      loaded(() => import("./message-editor.js")).then(({ reopen }) => reopen(article));
  }

  #settle(article, { status, html }) {
    article.dataset.status = status;
    article.querySelector("[data-thoughts]:not(:has(.block))")?.remove();
    const footer = article.querySelector("[data-footer]");
    const places = article.querySelector("answer-places");
    fill(footer, html);
    // those that came stay until all are fetched, so that nothing jumps
    if (places) (footer.querySelector("answer-places") ?? footer.lastElementChild).before(places);
    footer.querySelector("answer-places + answer-places")?.remove();
    if (!article.isConnected) return;
    makeScrollable(article);
    announce(text(`answer-${status}`));
    this.#tell("thread-changed");
  }

  #tell(event) {
    this.dispatchEvent(new CustomEvent(event, { bubbles: true }));
  }
}

/** Whether the socket has brought more of a reply than was fetched. */
function isNewer(known, fresh) {
  const isRunning = [known, fresh].some(({ dataset }) => dataset.status === "running");
  return isRunning && Number(known.dataset.revision) >= Number(fresh.dataset.revision);
}

/** Tell which of how many versions this is. */
function renewVersions(known, fresh) {
  const [old, renewed] = [known, fresh].map((article) => article.querySelector("[data-versions]"));
  if (!old || !renewed || old.isEqualNode(renewed)) return;
  old.replaceWith(renewed.cloneNode(true));
  if ("siblings" in fresh.dataset) known.dataset.siblings = fresh.dataset.siblings;
  else delete known.dataset.siblings;
}

/** Renew an article that is being edited, but for what is written there. */
function renewAround(known, fresh) {
  const editor = known.querySelector("message-editor");
  for (const child of [...known.children]) if (child !== editor) child.remove();
  editor.before(...fresh.children);
  known.dataset.revision = fresh.dataset.revision;
}

function isSame(known, fresh) {
  return (
    known.dataset.revision === fresh.dataset.revision &&
    known.dataset.status === fresh.dataset.status &&
    wordsOf(known) === wordsOf(fresh)
  );
}

/** What an article says, without what it may have fetched: the tree of its JSON, its places. */
function wordsOf(article) {
  const fetched = [...article.querySelectorAll("json-answer, answer-places, answer-feedback")];
  return fetched.reduce((words, { textContent }) => words.replace(textContent, ""), article.textContent);
}

function takePlaces(article, frame) {
  loaded(() => import("./answer-places.js")).then((places) => places.takePlaces(article, frame));
  return true;
}

function takeMark(frame) {
  loaded(() => import("./answer-feedback.js")).then((feedback) => feedback.takeMark(frame));
  return true;
}

async function rate(button) {
  await (await import("./answer-feedback.js")).press(button);
}

async function ask(button, type, fields = {}) {
  button.ariaDisabled = "true";
  await button.closest("chat-conversation").ask(type, { message_id: messageIdOf(button), ...fields });
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

async function showVersion(button) {
  const versions = await import("./versions.js");
  await versions.showVersion(button);
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
    run: (button) => ask(button, "turn.regenerate", { client_id: newId() }),
  },
  {
    id: "version.previous",
    label: "previous-version",
    icon: "previous",
    needsTrigger: true,
    run: showVersion,
  },
  { id: "version.next", label: "next-version", icon: "next", needsTrigger: true, run: showVersion },
  {
    id: "message.edit",
    label: "edit-last",
    icon: "pencil",
    needsTrigger: true,
    run: async (button) => (await import("./message-editor.js")).edit(button.closest("[data-message-id]")),
  },
  {
    id: "message.menu",
    async run(button) {
      await import("./message-menu.js");
      document.querySelector("message-menu").open(button);
    },
  },
  {
    id: "message.copy",
    label: "copy-answer",
    icon: "copy",
    needsTrigger: true,
    run: (button) => copyWith(button, markdownOf(messageIdOf(button))),
  },
  { id: "answer.good", label: "good-answer", icon: "good", needsTrigger: true, run: rate },
  { id: "answer.bad", label: "bad-answer", icon: "bad", needsTrigger: true, run: rate },
  {
    id: "code.copy",
    run: (button) => copyWith(button, button.closest(".code").querySelector("pre").textContent),
  },
);

customElements.define("chat-thread", ChatThread);
