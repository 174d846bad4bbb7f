// Send, and Stop beside it while an answer runs.

import { typesByTouch } from "../lib/send-key.js";

class SendOrStop extends HTMLElement {
  get isStopShown() {
    return !this.#stop.hidden;
  }

  get canStop() {
    return this.isStopShown && this.#stop.ariaDisabled !== "true";
  }

  get #stop() {
    return this.querySelector("[data-stop]");
  }

  get #send() {
    return this.querySelector("[data-send]");
  }

  /** After a click on either button the next thing is to write, or to stop. */
  showStop(isShown) {
    if (isShown === this.isStopShown) return;
    const hadFocus = (isShown ? this.#send : this.#stop) === document.activeElement;
    this.#stop.hidden = !isShown;
    this.#stop.ariaDisabled = null;
    if (hadFocus) this.takeFocus();
  }

  /** Where the keyboard goes when what it was on is gone: on a phone not to the box, which would open its keys. */
  takeFocus() {
    const shown = this.isStopShown ? this.#stop : this.#send;
    const box = this.closest("form").querySelector("[data-message]");
    (typesByTouch.matches ? shown : box).focus();
  }

  /** Ask once; where that is refused it can be asked again. */
  async stop(ask) {
    this.#stop.ariaDisabled = "true";
    await ask().catch(() => {
      this.#stop.ariaDisabled = null;
    });
  }
}

customElements.define("send-or-stop", SendOrStop);
