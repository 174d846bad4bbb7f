// The tokens of an answer: pointing at one, or going to it with the arrow keys, tells how sure the model was of it.

const STEPS = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 10, ArrowUp: -10 };

class HowSure extends HTMLElement {
  #hint;

  connectedCallback() {
    this.#hint = this.#detail.textContent;
    this.#tokens.addEventListener("pointerover", ({ target }) => this.#tell(target));
    this.#tokens.addEventListener("pointerleave", () => this.#tell(document.activeElement));
    this.#tokens.addEventListener("focusin", ({ target }) => this.#tell(target));
    this.#tokens.addEventListener("focusout", () => this.#tell(null));
    this.#tokens.addEventListener("click", ({ target }) => this.#goTo(target));
    this.#tokens.addEventListener("keydown", (event) => this.#keyPressed(event));
  }

  get #detail() {
    return this.querySelector("[data-detail]");
  }

  get #tokens() {
    return this.querySelector("[role=group]");
  }

  #tell(token) {
    this.#detail.textContent = token?.dataset?.of ?? this.#hint;
  }

  #keyPressed(event) {
    const all = [...this.#tokens.children];
    const at = all.indexOf(event.target);
    const to = { Home: 0, End: all.length - 1 }[event.key] ?? at + STEPS[event.key];
    if (Number.isNaN(to)) return;
    event.preventDefault();
    this.#goTo(all[Math.max(0, Math.min(to, all.length - 1))]);
  }

  /** Of all tokens one alone is on the way of the tabulator key. */
  #goTo(token) {
    if (!token.dataset.of) return;
    this.#tokens.querySelector('[tabindex="0"]').tabIndex = -1;
    token.tabIndex = 0;
    token.focus();
  }
}

customElements.define("how-sure", HowSure);
