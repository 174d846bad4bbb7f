// One connection to the server that mends itself, and the commands that wait for their answer.

import { newId } from "./ids.js";
import { text } from "./strings.js";

const SIGNED_OUT = 4401;
const SILENCE_MS = 45_000;
const SILENCE_CHECK_MS = 5000;
const LONGEST_PAUSE_MS = 15_000;
const STEADY_MS = 5000;
// The server closes the socket at 256 × 1024 (events.MAX_FRAME_BYTES), which would be taken for a lost connection;
// the margin is so that the two never have to agree on a byte.
const MAX_FRAME_BYTES = 250_000;
const REPEATABLE = new Set(["turn.submit", "turn.edit", "turn.regenerate", "turn.send", "generation.stop"]);

/** Words for why what was asked was not done: the server's, or those of this page. */
class Refusal extends Error {
  constructor({ code, message }) {
    super(message);
    this.code = code;
  }
}

const signedOut = () => new Refusal({ code: "session.ended", message: text("signed-out") });

export class ChatSocket {
  #url;
  #handlers;
  #socket = null;
  #pending = new Map();
  #greetingId = "";
  #isSignedOut = false;
  #attempts = 0;
  #openedAt = Infinity;
  #lastHeard = 0;
  #timer = 0;

  /**
   * `greet()` gives the command that opens every connection, `receive(frame)` takes events,
   * `connected(boolean)` is told of every change, `greeted(revision)` when from now on the server tells of all that happens,
   * `signedOut()` of the end of the session.
   */
  constructor(url, handlers) {
    this.#url = url;
    this.#handlers = handlers;
  }

  /** Connect, and stay connected until `signal` aborts. */
  start(signal) {
    this.#connect();
    const watch = setInterval(() => this.#watchSilence(), SILENCE_CHECK_MS);
    addEventListener("online", () => this.#connectNow(), { signal });
    addEventListener("offline", () => this.#drop(), { signal });
    addEventListener("pageshow", () => this.#connectNow(), { signal });
    document.addEventListener("visibilitychange", () => this.#seen(), { signal });
    signal.addEventListener("abort", () => {
      clearInterval(watch);
      this.#drop();
      clearTimeout(this.#timer); // which would connect again
    });
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /**
   * Ask for something. What is asked without a connection is sent when there is one. After a lost
   * connection a turn is asked for again (its client_id makes it the same one) and so is a stop; for the
   * others that were sent the greeting brings what became of them: asked again, they might be carried
   * out, and paid for, twice.
   */
  request(type, fields) {
    if (this.#isSignedOut) return Promise.reject(signedOut());
    const request_id = newId();
    const frame = JSON.stringify({ type, request_id, ...fields });
    if (new Blob([frame]).size > MAX_FRAME_BYTES)
      return Promise.reject(new Refusal({ code: "page.too_long", message: text("too-long") }));
    return new Promise((resolve, reject) => {
      const pending = { type, fields, frame, resolve, reject, wasSent: false };
      this.#pending.set(request_id, pending);
      if (this.isOpen) this.#send(pending);
    });
  }

  /** Whether what was asked for with such fields waits here for a connection. */
  isUnsent(matches) {
    return this.#unsent(matches) !== undefined;
  }

  /** Do not ask for it after all: its promise breaks. */
  holdBack(matches) {
    const [request_id, { reject }] = this.#unsent(matches);
    this.#pending.delete(request_id);
    reject(new Refusal({ code: "page.held_back", message: "" }));
  }

  #unsent(matches) {
    return [...this.#pending].find(([, { wasSent, fields }]) => !wasSent && matches(fields));
  }

  /** Introduce this page once more, as after a connection. */
  greet() {
    if (!this.isOpen) return;
    this.#greetingId = newId();
    this.#socket.send(JSON.stringify({ ...this.#handlers.greet(), request_id: this.#greetingId }));
  }

  #send(pending) {
    pending.wasSent = true;
    this.#socket.send(pending.frame);
  }

  #connect() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#lastHeard = Date.now();
    const ifCurrent = (handler) => (event) => {
      if (this.#socket === socket) handler(event);
    };
    socket.onopen = ifCurrent(() => this.#opened());
    socket.onmessage = ifCurrent((event) => this.#received(event));
    socket.onclose = ifCurrent((event) => this.#closed(event));
  }

  #opened() {
    this.#openedAt = Date.now();
    this.#isSignedOut = false;
    this.greet();
    for (const [request_id, pending] of this.#pending) {
      if (REPEATABLE.has(pending.type) || !pending.wasSent) {
        this.#send(pending);
      } else {
        this.#pending.delete(request_id);
        pending.resolve();
      }
    }
    this.#handlers.connected(true);
  }

  #received(event) {
    this.#lastHeard = Date.now();
    const frame = JSON.parse(event.data);
    const pending = this.#pending.get(frame.request_id);
    if (pending) {
      this.#pending.delete(frame.request_id);
      if (frame.type === "error") pending.reject(new Refusal(frame));
      else pending.resolve();
    } else if (frame.request_id === this.#greetingId) {
      this.#greetingAnswered(frame);
    } else if (frame.type !== "request.done") {
      this.#handlers.receive(frame);
    }
  }

  // A new page has no conversation yet, and at the end of the session the server closes. Whatever else the
  // reason is, this connection would bring no messages: the next one greets again.
  #greetingAnswered({ type, code, revision }) {
    if (type !== "error" || code === "conversation.not_found") this.#handlers.greeted(revision);
    else if (code !== "session.ended") this.#drop();
  }

  #closed({ code }) {
    this.#drop();
    if (code !== SIGNED_OUT) return;
    clearTimeout(this.#timer);
    this.#isSignedOut = true;
    this.#handlers.signedOut();
    for (const { reject } of this.#pending.values()) reject(signedOut());
    this.#pending.clear();
  }

  /** Give this connection up and try again, later each time and never all pages at once. */
  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    clearTimeout(this.#timer);
    // a server that takes every connection and closes it at once is in trouble too
    if (Date.now() - this.#openedAt > STEADY_MS) this.#attempts = 0;
    this.#openedAt = Infinity;
    const longest = Math.min(LONGEST_PAUSE_MS, 500 * 2 ** this.#attempts);
    this.#attempts += 1;
    this.#timer = setTimeout(() => this.#connect(), longest * (0.5 + Math.random() / 2));
    this.#handlers.connected(false);
  }

  #seen() {
    if (document.hidden) return;
    this.#watchSilence();
    this.#connectNow();
  }

  #connectNow() {
    if (!this.#socket) this.#connect();
  }

  // A laptop that slept, or a proxy that forgot, leaves a socket that looks open and is dead.
  #watchSilence() {
    if (this.#socket && Date.now() - this.#lastHeard > SILENCE_MS) {
      this.#drop();
      this.#connectNow();
    }
  }
}
