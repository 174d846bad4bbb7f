// Stop stands in the place of Send while an answer runs.

/** Whether what appears at a focus is a keyboard on the screen. */
export const typesByTouch = matchMedia("(hover: none) and (pointer: coarse)");

export class StopButton {
  #button;
  #send;
  #box;
  #stop;

  /** `stop()` returns a promise that is broken where the answer could not be stopped. */
  constructor(form, stop) {
    this.#button = form.querySelector("[data-stop]");
    this.#send = form.querySelector("[data-send]");
    this.#box = form.querySelector("[data-message]");
    this.#stop = stop;
    this.#button.addEventListener("click", () => this.press());
  }

  get isShown() {
    return !this.#button.hidden;
  }

  /** Swap the buttons, and keep the focus near. */
  show(isShown) {
    if (isShown === this.isShown) return;
    const [gone, come] = isShown ? [this.#send, this.#button] : [this.#button, this.#send];
    const hadFocus = gone === document.activeElement;
    gone.hidden = true;
    come.hidden = false;
    this.#button.ariaDisabled = null;
    if (hadFocus) this.takeFocus();
  }

  /** Where the keyboard goes when what it was on is gone: on a phone not to the box, which would open its keys. */
  takeFocus() {
    const shown = this.isShown ? this.#button : this.#send;
    (typesByTouch.matches ? shown : this.#box).focus();
  }

  async press() {
    if (!this.isShown || this.#button.ariaDisabled === "true") return;
    this.#button.ariaDisabled = "true";
    await this.#stop().catch(() => {
      this.#button.ariaDisabled = null;
    });
  }
}
