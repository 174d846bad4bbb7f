// The text that is being written: a box that grows, in which Enter sends.

import { isSendKey, typesByTouch } from "../lib/send-key.js";

const LINE_END = /[\v\f\u0085\u2028\u2029]/g; // of other programs; no browser begins a line there

class MessageBox extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", this.#keyPressed);
    this.addEventListener("input", () => {
      this.#grow();
      if (this.value.startsWith("/"))
        import("./preset-choice.js").then(({ offerPresets }) => offerPresets(this));
    });
    if (!typesByTouch.matches && document.activeElement === document.body) this.focus();
  }

  focus() {
    this.#area.focus();
  }

  get value() {
    return this.#area.value;
  }

  set value(value) {
    this.#area.value = value;
    this.#grow();
  }

  /** What can be sent of it: without what no text can hold, halves of an emoji and NULs, and with one kind of line end. */
  get words() {
    const words = this.value.toWellFormed?.() ?? this.value;
    return words.replaceAll("\0", "").replace(LINE_END, "\n").trim();
  }

  get #area() {
    return this.querySelector("textarea");
  }

  #keyPressed(event) {
    if (!isSendKey(event)) return;
    event.preventDefault();
    this.closest("form").requestSubmit();
  }

  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.#area.style.height = "auto";
    this.#area.style.height = `${this.#area.scrollHeight}px`;
  }
}

customElements.define("message-box", MessageBox);
