// Many items at once: arrow keys go from card to card, verdicts are kept as they are chosen, and handed in together.

import "../lib/item-texts.js";
import { beatOf } from "../lib/item-leases.js";
import { send, sendForm } from "../lib/item-requests.js";
import { DRAFT_TEXTS, saveAll } from "../lib/keeper.js";
import { ManyCard } from "../lib/many-card.js";
import { choosePictures } from "../lib/pictures-choice.js";
import { signInLink } from "../lib/sign-in.js";
import { text } from "../lib/strings.js";

const CONTROLS = "a, button, input[type=radio]";
class ManyItems extends HTMLElement {
  #cards = [];
  #current;
  #beat;
  #life;

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    const { person, leaseSeconds } = this.dataset;
    const show = (word) => this.#showWord(word);
    this.#cards = [...this.querySelectorAll("[data-card]")].map((card) => new ManyCard(card, person, show));
    this.addEventListener("change", ({ target }) => this.#changed(target), { signal });
    this.addEventListener("focusin", ({ target }) => this.#go(this.cardOf(target)), { signal });
    this.addEventListener("keydown", (event) => this.#keyPressed(event), { signal });
    this.#form.addEventListener("submit", (event) => this.#submitted(event), { signal });
    document.addEventListener("visibilitychange", () => this.#renew(), { signal });
    this.#beat = setInterval(() => this.#renew(), beatOf(leaseSeconds));
    this.#go(this.#cards[0]);
    this.#count();
  }

  disconnectedCallback() {
    this.#life.abort();
    clearInterval(this.#beat);
  }

  get #form() {
    return this.querySelector("form");
  }

  get #shown() {
    return this.#cards.filter((card) => card.isShown);
  }

  /** The card that keys are about: where the focus is, or was last. */
  get current() {
    return this.#current;
  }

  cardOf(element) {
    const found = element.closest("[data-card]");
    return this.#cards.find((card) => card.element === found);
  }

  choose(radio) {
    this.#focus(this.cardOf(radio));
    radio.click();
  }

  clear(card) {
    this.#focus(card);
    if (card.isLost) return;
    card.clear();
    this.#count();
  }

  /** Show those alone that have no verdict, or all. */
  toggleFilter() {
    const button = this.querySelector('[data-command="many.filter"]');
    const isOn = button.ariaPressed !== "true";
    button.ariaPressed = String(isOn);
    this.toggleAttribute("data-without-verdict", isOn);
    this.#count();
    if (!this.#current?.isShown) this.#go(this.#shown[0]);
  }

  // moving

  /** One card alone is reached by Tab, with what is on it. */
  #go(card) {
    if (!card || card === this.#current) return;
    this.#current = card;
    for (const each of this.#cards) {
      const place = each === card ? 0 : -1;
      each.element.tabIndex = place;
      for (const control of each.element.querySelectorAll(CONTROLS)) control.tabIndex = place;
    }
  }

  #focus(card) {
    if (!card.element.contains(document.activeElement)) card.element.focus();
  }

  #keyPressed(event) {
    const card = this.cardOf(event.target);
    if (!card || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const isOnCard = event.target === card.element;
    if (event.key === "Enter" && (isOnCard || event.target.type === "radio")) {
      event.preventDefault();
      card.element.querySelector("[data-open]").click();
    } else if (isOnCard && event.key.startsWith("Arrow")) {
      event.preventDefault();
      this.#neighbor(card, event.key)?.element.focus();
    }
  }

  #neighbor(card, key) {
    const shown = this.#shown;
    const place = shown.indexOf(card);
    const isReversed = getComputedStyle(this).direction === "rtl";
    if (key === "ArrowRight") return shown[place + (isReversed ? -1 : 1)];
    if (key === "ArrowLeft") return shown[place + (isReversed ? 1 : -1)];
    const middle = ({ element }) => element.getBoundingClientRect().left + element.offsetWidth / 2;
    const isInColumn = (other) => Math.abs(middle(other) - middle(card)) < card.element.offsetWidth / 2;
    const column = shown.filter(isInColumn);
    return column[column.indexOf(card) + (key === "ArrowDown" ? 1 : -1)];
  }

  // verdicts

  #changed(target) {
    if (choosePictures(target, this.querySelector("[data-thread]"), this.dataset.picturesUrl)) return;
    const card = this.cardOf(target);
    if (!card) return;
    const after = this.#after(card);
    card.keep();
    this.#count();
    if (!card.isShown) after?.element.focus();
  }

  /** The card that is looked at when this one goes. */
  #after(card) {
    const shown = this.#cards.filter((each) => each === card || each.isShown);
    const place = shown.indexOf(card);
    return shown[place + 1] ?? shown[place - 1];
  }

  #count() {
    const chosen = this.#cards.filter(({ verdict }) => verdict).length;
    const told = text("many-chosen", { chosen, all: this.#cards.length });
    this.querySelector("[data-chosen]").textContent = told;
    this.querySelector("[data-none]").hidden = this.#shown.length > 0;
  }

  #showWord(word) {
    if (word === "signed-out") this.#say(text(DRAFT_TEXTS[word]), this.#signIn());
    else if (DRAFT_TEXTS[word]) this.#say(text(DRAFT_TEXTS[word]));
  }

  #signIn() {
    return signInLink(this.dataset.signIn);
  }

  #say(words, ...more) {
    this.querySelector("[data-state]").replaceChildren(words, ...more.flatMap((each) => [" ", each]));
  }

  // the leases

  async #renew() {
    const held = this.#cards.filter((card) => !card.isLost);
    if (document.visibilityState !== "visible" || held.length === 0) return;
    const { data } = await send(
      this.dataset.leasesUrl,
      held.map(({ lease }) => lease),
    );
    this.#refuse(data.refused);
  }

  #refuse(refused = {}) {
    for (const card of this.#cards) {
      const told = refused[card.assignment];
      if (told?.is_lost) card.lose(told.message);
      else if (told) card.refuse(told.message);
    }
  }

  // handing in

  async #submitted(event) {
    event.preventDefault();
    if (this.#form.ariaBusy === "true") return;
    const isBack = "back" in (event.submitter?.dataset ?? {});
    if (!isBack && !this.#cards.some(({ verdict, isLost }) => verdict && !isLost)) {
      this.#say(text("many-none"));
      return;
    }
    this.#form.ariaBusy = "true";
    try {
      await saveAll();
      const url = isBack ? event.submitter.formAction : this.#form.action;
      this.#say(text("item-sending"));
      const { word, data } = await sendForm(url, new FormData(this.#form));
      if (word === "signed-out") this.#showWord(word);
      else if (word !== "done") this.#say(data.message ?? text("item-not-sent"));
      else if (isBack) location.assign(data.url);
      else this.#handedIn(data);
    } finally {
      this.#form.ariaBusy = null;
    }
  }

  #handedIn({ done, refused, progress }) {
    const ids = new Set(done.map(String));
    const gone = this.#cards.filter(({ assignment }) => ids.has(assignment));
    this.#cards = this.#cards.filter((card) => !gone.includes(card));
    for (const card of gone) {
      card.forget();
      card.element.parentElement.remove();
    }
    this.#refuse(refused);
    document.querySelector("[data-progress]").outerHTML = progress;
    if (this.#cards.length === 0) {
      location.assign(this.dataset.url);
      return;
    }
    this.#say(text("many-done", { count: done.length }));
    this.#count();
    (this.#shown[0] ?? this.#cards[0]).element.focus();
  }
}

customElements.define("many-items", ManyItems);
