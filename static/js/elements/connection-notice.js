// Says that the connection is gone, and that the session has ended.

import { announce } from "../lib/announce.js";
import { fetchText } from "../lib/http.js";
import { text } from "../lib/strings.js";

const SHORT_GAP_MS = 1000;
const BLOCKED_MS = 15_000;

class ConnectionNotice extends HTMLElement {
  #timer = 0;
  #hasConnected = false;

  disconnectedCallback() {
    this.#forget();
  }

  /** A short gap needs no words; a longer one does, and its end too. */
  connected(isConnected) {
    if (isConnected) {
      this.#hasConnected = true;
      this.#forget();
      if (!this.hidden) announce(text("online"));
      this.hidden = true;
    } else {
      this.#timer ||= setTimeout(() => this.#showGap(), SHORT_GAP_MS);
    }
  }

  #showGap() {
    this.#show(text("connecting"));
    if (!this.#hasConnected) this.#timer = setTimeout(() => this.#lookForBlock(), BLOCKED_MS);
  }

  /** A server that gives pages, and to which no socket ever opens: something between it and here keeps them. */
  async #lookForBlock() {
    if ((await fetchText("/")) !== null && !this.#hasConnected) this.#show(text("sockets-blocked"));
  }

  signedOut() {
    this.#forget();
    this.#show(text("signed-out"));
    const link = document.createElement("a");
    link.href = `/accounts/login/?next=${encodeURIComponent(location.pathname)}`;
    link.textContent = text("sign-in");
    this.#words.append(" ", link);
  }

  /** The link to the sign-in, where there is one, is the next thing to do. */
  takeFocus() {
    this.querySelector("a")?.focus();
  }

  get #words() {
    return this.querySelector("[data-connection-text]");
  }

  #show(words) {
    this.#words.textContent = words;
    this.hidden = false;
    announce(words);
  }

  #forget() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }
}

customElements.define("connection-notice", ConnectionNotice);
