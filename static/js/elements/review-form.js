// The form of a review: what is not saved yet is kept as a draft.

import { keep } from "../lib/choices.js";
import { forgetLocal, readLocal } from "../lib/local-texts.js";
import { reviewDraftKey, writeReviewDraft } from "../lib/review-draft.js";

/** `data-reviewer` and `data-conversation` are ids. */
class ReviewForm extends HTMLElement {
  #key;
  #form;
  #life;

  connectedCallback() {
    this.#forgetSaved();
    this.#key = reviewDraftKey(this.dataset.reviewer, this.dataset.conversation);
    this.#form = this.querySelector("form");
    this.#life = new AbortController();
    const { signal } = this.#life;
    this.#form.addEventListener("input", () => this.#keep(), { signal });
    this.#form.addEventListener("submit", (event) => this.#check(event), { signal });
    this.#restore();
  }

  disconnectedCallback() {
    this.#life.abort();
  }

  /** Forget the draft, and empty the form. */
  discard() {
    this.#form.elements.note.value = "";
    for (const radio of this.#form.elements.verdict) radio.checked = false;
    this.#keep();
    this.#form.elements.note.focus();
  }

  /** The server names in a cookie what it has saved last: its answer to a form leads to another page. */
  #forgetSaved() {
    const [, saved] = document.cookie.match(/(?:^|; )reviewed=([\w-]+)/) ?? [];
    if (!saved) return;
    forgetLocal(reviewDraftKey(this.dataset.reviewer, saved));
    keep("reviewed", "", -1);
  }

  #restore() {
    const draft = readLocal(this.#key);
    if (!draft) return;
    this.#form.elements.note.value = draft.note;
    this.#form.elements.verdict.value = draft.verdict;
    this.#showState();
  }

  #keep() {
    writeReviewDraft(this.#key, this.#draft());
    this.#showState();
  }

  #draft() {
    const { verdict, note } = this.#form.elements;
    return { verdict: verdict.value, note: note.value };
  }

  #showState() {
    const { verdict, note } = this.#draft();
    this.querySelector("[data-draft-note]").hidden = !(verdict || note);
    if (verdict) this.querySelector("#verdict-error").hidden = true;
  }

  #check(event) {
    if (this.#form.elements.verdict.value) return;
    event.preventDefault();
    this.querySelector("#verdict-error").hidden = false;
    this.#form.elements.verdict[0].focus();
  }
}

customElements.define("review-form", ReviewForm);
