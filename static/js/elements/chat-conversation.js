// A conversation: what the server says goes to its parts, what they ask goes to the server.

import "./chat-thread.js";
import "./thread-scroller.js";
import "./connection-notice.js";
import "./send-or-stop.js";
import "./message-box.js";
import "./image-picker.js";
import "./chat-composer.js";

import { fetchPage, loaded } from "../lib/http.js";
import { draftKey, forgetSought, moveDraft, readDraft } from "../lib/drafts.js";
import { newId } from "../lib/ids.js";
import { ChatSocket } from "../lib/socket.js";

const OWN_NEWS_MS = 3000;

/** `data-conversation-id` says which; without `data-saved` it is new, and its first message saves it. */
class ChatConversation extends HTMLElement {
  #socket;
  #life;
  #isRefreshing = false;
  #revision; // of the conversation when the server said last that nothing of it is missing here
  #isStale = false; // once more, while it is refreshed
  #isSwitching = false; // by itself
  #ownUntil = 0; // until when the news of that may come
  #wasCutOff = false;
  #isListOld = false;
  #hasNews = false; // an answer that ended while the tab was hidden

  connectedCallback() {
    this.#life = new AbortController();
    customElements.upgrade(this); // its parts first, also where this HTML was put into a page
    this.#start();
  }

  disconnectedCallback() {
    this.#life.abort();
  }

  /** `saved` of lib/settings.js, once settings were changed: it need not be imported before. */
  settingsSaved = null;

  /** Send a message; the thread follows it. Returns a promise, which a refusal breaks. */
  submit(fields) {
    this.#scroller.follow();
    if (location.search) history.replaceState(null, "", location.pathname); // what was sought has been read
    const send = () => this.#socket.request("turn.submit", { conversation_id: this.#id, ...fields });
    return this.settingsSaved ? this.settingsSaved().then(send) : send();
  }

  /** Show the settings as they are now. */
  async settingsChanged() {
    const { refreshTopbar } = await loaded(() => import("../lib/settings.js"));
    await refreshTopbar(this);
    this.#preview();
  }

  /** A message or settings made this conversation one with an address of its own. */
  keep() {
    if (this.#isSaved) return;
    const before = draftKey(this.dataset);
    this.dataset.saved = "";
    moveDraft(before, draftKey(this.dataset));
    history.replaceState(null, "", `/c/${this.#id}/`);
  }

  /** Ask a question anew, as another version of it; the thread follows that. Returns a promise, which a refusal breaks. */
  async edit(fields) {
    const refused = new AbortController();
    this.addEventListener("message-sent", () => this.#scroller.follow(), {
      once: true,
      signal: refused.signal,
    });
    try {
      await this.#socket.request("turn.edit", fields);
    } catch (refusal) {
      refused.abort();
      throw refusal;
    }
  }

  /** This page asks for another branch, and will show it by itself. */
  switching() {
    this.#isSwitching = true;
    this.#ownUntil = performance.now() + OWN_NEWS_MS;
  }

  /** It shows that branch now, or could not: what runs is to be followed. */
  switched() {
    this.#isSwitching = false;
    this.#composer.said(this.#thread.lastSaid);
    this.#socket.greet();
  }

  /** What is written now is another message than the one that this page has sent before: a new chat is another one too. */
  beginAnew() {
    if (!this.#isSaved) this.dataset.conversationId = newId();
  }

  /** Whether a message that was submitted waits here for a connection. */
  isUnsent({ client_id }) {
    return this.#socket.isUnsent((fields) => fields.client_id === client_id);
  }

  /** Do not send it after all: its promise breaks. */
  holdBack({ client_id }) {
    this.#socket.holdBack((fields) => fields.client_id === client_id);
  }

  /** Stop the answer that runs. Returns a promise, which a refusal breaks. */
  stop() {
    return this.#socket.request("generation.stop", { message_id: this.#thread.runningId });
  }

  /** Ask for something else; the person is told where that is refused. */
  async ask(type, fields) {
    await this.#socket.request(type, fields).catch(tell);
  }

  get #id() {
    return this.dataset.conversationId;
  }

  get #isSaved() {
    return "saved" in this.dataset;
  }

  get #thread() {
    return this.querySelector("chat-thread");
  }

  get #scroller() {
    return this.querySelector("thread-scroller");
  }

  get #composer() {
    return this.querySelector("chat-composer");
  }

  #start() {
    // A first message that was sent and never confirmed belongs to the conversation it was sent to.
    const sent = this.#isSaved ? null : readDraft(draftKey(this.dataset))?.sent;
    if (sent) this.dataset.conversationId = sent.conversation_id;
    this.addEventListener("thread-changed", this.#threadChanged);
    this.addEventListener("thread-stale", this.refresh);
    for (const type of ["thread-changed", "uploads-changed", "input"])
      this.addEventListener(type, this.#preview);
    this.addEventListener("thread-focus-lost", () => this.#composer.sendOrStop.takeFocus(), {
      signal: this.#life.signal,
    });
    document.addEventListener("visibilitychange", () => this.#seen(), { signal: this.#life.signal });
    this.#threadChanged();
    this.#composer.said(this.#thread.lastSaid);
    this.#scrollToStart();
    this.#connect();
  }

  /** Go to the message that the address names, else to the end. */
  #scrollToStart() {
    const sought = new URLSearchParams(location.search).get("message");
    if (sought) loaded(() => import("./jump.js")).then(({ jumpTo }) => jumpTo(sought));
    else if (this.#thread.leafId) this.#scroller.follow();
  }

  #connect() {
    const notice = this.querySelector("connection-notice");
    const person = encodeURIComponent(this.dataset.person); // whom the server expects behind the cookie
    this.#socket = new ChatSocket(`${location.origin.replace(/^http/, "ws")}/ws/chat/?person=${person}`, {
      greet: () => this.#greeting(),
      receive: (frame) => this.#receive(frame),
      connected: (isConnected) => {
        this.#composer.connected(isConnected);
        notice.connected(isConnected);
        if (isConnected) this.#cameBack();
        else this.#wentAway();
      },
      greeted: (revision) => this.#greeted(revision),
      signedOut: () => {
        notice.signedOut();
        forgetSought();
      },
    });
    this.#socket.start(this.#life.signal);
  }

  #greeting() {
    const { leafId, cursors, dataset } = this.#thread;
    const tree_revision = Number(dataset.treeRevision);
    for (const waiting of this.querySelectorAll("reply-waiting")) delete waiting.dataset.text;
    const revision = this.#revision;
    return {
      type: "conversation.watch",
      conversation_id: this.#id,
      leaf_id: leafId,
      cursors,
      tree_revision,
      revision,
    };
  }

  #threadChanged() {
    const isRunning = this.#thread.runningId !== null;
    this.#composer.running(isRunning);
    if (isRunning) loaded(() => import("./reply-waiting.js"));
    if (this.querySelector("message-gap")) loaded(() => import("./message-gap.js"));
    this.#showTitle();
  }

  #wentAway() {
    this.#wasCutOff = true;
    this.#thread.forgetAway();
  }

  #cameBack() {
    if (!this.#wasCutOff) this.#preview();
    else if (!document.hidden) this.settingsChanged(); // else once it is seen
  }

  /** What happened to other conversations before was told to nobody here, such as the end of what was running. */
  #greeted(revision) {
    this.#revision = this.#isRefreshing ? undefined : revision;
    this.#isListOld ||=
      this.#wasCutOff || document.querySelector("conversation-list [data-running]") !== null;
    this.#wasCutOff = false;
    this.#renewList();
  }

  /** Not before somebody sees it: after a restart thousands of tabs that are hidden would ask at once. */
  async #renewList() {
    if (document.hidden || !this.#isListOld) return;
    this.#isListOld = false;
    (await conversationList()).refresh(this.#id);
  }

  /** Ask which pictures would be sent now. */
  async #preview() {
    if (!this.querySelector("[data-image], [data-upload], message-gap:not([data-pictures='0'])"))
      return this.#composer.previewed("");
    const { askSoon } = await loaded(() => import("../lib/inclusion.js"));
    askSoon(() => {
      const fields = { conversation_id: this.#id, ...this.#composer.draft };
      // without a connection it is asked when there is one, and a refusal is told when the question is sent
      if (this.#socket.isOpen) this.#socket.request("turn.preview", fields).catch(() => {});
    });
  }

  async #previewed({
    left_out,
    older,
    note,
    offer,
    estimates,
    tokens,
    cost,
    canvas,
    canvas_choice,
    for_good,
  }) {
    const { mark, offerChoices, showCanvas, showEstimates } = await loaded(
      () => import("../lib/inclusion.js"),
    );
    mark(this.#thread.pictures, left_out, older);
    offerChoices(this.#thread.pictures, left_out, estimates, for_good);
    showCanvas(this.#composer, canvas, canvas_choice);
    mark(this.#composer.pictures, left_out);
    showEstimates(this.#composer.pictures, left_out, estimates);
    this.#composer.previewed(note, offer, cost, tokens);
  }

  #receive(frame) {
    if (frame.code === "session.ended") return; // the socket closes, which says so
    if (frame.type === "error") tell(frame);
    else if (frame.type === "conversation.updated") this.#updated(frame);
    else if (frame.type === "conversation.settled") this.#settled(frame);
    else if (frame.type === "conversation.removed") this.#removed(frame);
    else if (frame.type === "conversation.stale") this.#stale();
    else if (frame.type === "conversation.changed") this.#changed(frame);
    else if ((frame.conversation_id ?? this.#id) !== this.#id) return;
    else if (frame.type === "ping") this.#pinged(frame);
    else if (frame.type === "turn.previewed") this.#previewed(frame);
    else if (!this.#thread.apply(frame)) this.refresh();
    else if (frame.type === "message.created") this.#keep();
    else if (frame.type === "reply.settled") this.#judged(frame);
  }

  /** Where the server says which conversation it is about, this page may have missed something of it. */
  #pinged({ conversation_id }) {
    if (conversation_id) this.#socket.greet();
  }

  /** The thread has become a longer one. */
  #keep() {
    this.#composer.said(this.#thread.lastSaid);
    this.keep();
  }

  /** The conversation shows something else. Where this page did that, asking whether it is up to date is enough. */
  #stale() {
    const isOwn = performance.now() < this.#ownUntil;
    this.#ownUntil = 0;
    if (!isOwn) this.refresh();
    else if (!this.#isSwitching) this.#socket.greet();
  }

  /** Fetch the thread afresh: this page shows something else than the conversation is now. */
  async refresh() {
    this.#isStale = this.#isRefreshing;
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    this.#revision = undefined;
    const { readId } = this.#scroller;
    const fresh = await fetchPage(`/c/${this.#id}/${readId ? `?near=${readId}` : ""}`);
    this.#isRefreshing = false;
    if (!fresh) return;
    this.#scroller.keepInPlace(() => this.#thread.adopt(fresh.querySelector("chat-thread")));
    this.#keep();
    this.#socket.greet();
    if (this.#isStale) await this.refresh();
  }

  /** What was chosen for another conversation holds for a new one too. */
  #changed({ conversation_id: id }) {
    if (id === this.#id || !this.#isSaved) this.settingsChanged();
  }

  /** What is said about the model may no longer be so, or only now. */
  #judged({ status }) {
    if (status === "failed" || this.querySelector("[data-kept-up=notice] > *")) this.settingsChanged();
  }

  async #updated(frame) {
    if (frame.conversation_id === this.#id) {
      this.querySelector("[data-title]").textContent = frame.title;
      this.#showTitle();
    }
    (await conversationList()).update(frame, this.#id);
  }

  async #settled(frame) {
    if (frame.conversation_id === this.#id && document.hidden) this.#hasNews = true;
    this.#showTitle();
    (await conversationList()).settled(frame, this.#id);
  }

  /** The title of the tab, with a mark while an answer is written or where nobody has seen it yet. */
  #showTitle() {
    const mark = this.#hasNews ? "● " : this.#thread.runningId !== null ? "… " : "";
    document.title = `${mark}${this.querySelector("[data-title]").textContent} · Vision Chat`;
  }

  async #seen() {
    // such as that an administrator has retired the model, of which no page is told
    if (!document.hidden && this.#socket.isOpen) this.settingsChanged();
    this.#renewList();
    if (document.hidden || !this.#hasNews) return;
    this.#hasNews = false;
    this.#showTitle();
    (await conversationList()).seen(this.#id);
  }

  async #removed({ conversation_id: id }) {
    if (id !== this.#id) return void (await conversationList()).takeOut(id);
    const { leave } = await loaded(() => import("./deletion.js"));
    leave(id, this.querySelector("[data-title]").textContent);
  }
}

async function conversationList() {
  await loaded(() => import("./conversation-list.js"));
  return document.querySelector("conversation-list");
}

async function tell({ message }) {
  const { notify } = await loaded(() => import("./toast-list.js"));
  notify(message);
}

customElements.define("chat-conversation", ChatConversation);
