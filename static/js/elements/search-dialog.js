// Searching one's conversations: results as one types, by links that the arrow keys go through. They are links
// rather than options of a list box, so that each can be opened in another tab and is read like any other.

import { elementsFrom } from "../lib/blocks.js";
import { show } from "../lib/dialogs.js";
import { keysShown } from "../lib/keys.js";
import { follow } from "./jump.js";
import { Search } from "../lib/search.js";
import { keepSought, readSought } from "../lib/drafts.js";
import { signInLink } from "../lib/sign-in.js";
import { text } from "../lib/strings.js";
import { typesByTouch } from "../lib/send-key.js";

const PAUSE_MS = 150;
const SAYING_PAUSE_MS = 600; // or a screen reader would count the results of every letter
const DAY_MS = 86_400_000;

class SearchDialog extends HTMLElement {
  #search = new Search();
  #typing = 0;
  #saying = 0;
  #shown = null; // the question whose answer is shown

  connectedCallback() {
    this.addEventListener("input", this.#edited);
    this.addEventListener("submit", this.#submitted);
    this.addEventListener("keydown", this.#keyPressed);
    this.addEventListener("click", this.#clicked);
    this.#dialog.addEventListener("close", () => this.#forget());
    this.#part("more-keys").append(...hint("Control+K", "commands"), ...hint("?", "shortcuts"));
    this.#restore();
  }

  /** Begin, with these words where there are some, else with those of the last time. */
  begin(words) {
    if (words) this.#box.value = words;
    this.#keep();
    this.#box.select();
    if (this.#words) this.#ask();
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  get #form() {
    return this.querySelector("form");
  }

  get #box() {
    return this.#form.elements.q;
  }

  get #words() {
    return this.#box.value.trim();
  }

  get #results() {
    return [...this.querySelectorAll("[data-result]")];
  }

  /** What is asked: the words and the filters that are set. */
  get #question() {
    const { since, pictures } = this.#form.elements;
    return {
      q: this.#words,
      ...(since.value && { since: dayBefore(Number(since.value)) }),
      ...(pictures.checked && { pictures: pictures.value }),
    };
  }

  #part(name) {
    return this.querySelector(`[data-${name}]`);
  }

  /** Keep words and filters for the next page: one goes through the results one after the other. */
  #keep() {
    const { q, since, pictures } = this.#form.elements;
    keepSought(personHere(), { q: q.value, since: since.value, pictures: pictures.checked });
  }

  #restore() {
    const sought = readSought(personHere());
    if (!sought) return;
    const { q, since, pictures } = this.#form.elements;
    [q.value, since.value, pictures.checked] = [sought.q, sought.since, sought.pictures];
  }

  #edited() {
    this.#forget();
    this.#keep();
    if (this.#words) this.#typing = setTimeout(() => this.#ask(), PAUSE_MS);
    else this.#show("invitation");
  }

  /** Enter: open the first result, where it answers to what the box says now; by touch, put the keyboard away. */
  #submitted(event) {
    event.preventDefault();
    const isAnswered = this.#shown === JSON.stringify(this.#question);
    if (typesByTouch.matches) this.#box.blur();
    else if (isAnswered) return this.#results[0]?.click();
    if (this.#words && !isAnswered) this.#ask();
  }

  async #ask() {
    this.#forget();
    const question = this.#question;
    this.#part("found").ariaBusy = "true";
    try {
      const html = await this.#search.ask(question);
      if (html !== null) this.#answered(question, html);
    } catch (error) {
      this.#failed(error);
    }
  }

  #forget() {
    clearTimeout(this.#typing);
    clearTimeout(this.#saying);
    this.#search.forget();
  }

  #answered(question, html) {
    const hadFocus = this.#results.includes(document.activeElement);
    this.#show("found");
    this.#shown = JSON.stringify(question);
    this.#part("found").replaceChildren(...elementsFrom(html));
    if (hadFocus) (this.#results[0] ?? this.#box).focus();
    const { length } = this.#results;
    this.#part("limit").hidden = length < Number(this.#part("limit").dataset.limit);
    this.#part("widen").hidden = length > 0 || Object.keys(question).length === 1;
    this.querySelector(".tool-body").scrollTop = 0;
    this.#saying = setTimeout(() => this.#say(text("results", { count: length })), SAYING_PAUSE_MS);
  }

  #failed({ isSignedOut }) {
    this.#show("failure");
    const words = this.#part("failure").querySelector("p");
    words.textContent = text(isSignedOut ? "signed-out" : "search-failed");
    if (isSignedOut) words.append(" ", signInLink());
    this.#part("again").hidden = isSignedOut;
  }

  /** Show one of the three things that the dialog can say, and nothing of the others. */
  #show(shown) {
    for (const name of ["invitation", "found", "failure"]) this.#part(name).hidden = name !== shown;
    this.#part("found").ariaBusy = "false";
    this.#part("found").replaceChildren();
    this.#part("limit").hidden = true;
    this.#part("widen").hidden = true;
    this.#shown = null;
    this.#say("");
  }

  #say(words) {
    this.querySelector("[role=status]").textContent = words;
  }

  #keyPressed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const places = [this.#box, ...this.#results];
    const index = places.indexOf(document.activeElement);
    if (index < 0) return; // the keys are those of a filter or a button
    const next = { ArrowDown: index + 1, ArrowUp: index - 1, ...(index && { Home: 1, End: -1 }) }[event.key];
    if (next !== undefined) {
      if (index === 0 && next < 0) return;
      event.preventDefault();
      places.at(Math.min(next, places.length - 1)).focus();
    } else if (index && isTyped(event)) this.#goOnTyping();
  }

  /** The box gets the key that is being pressed, at its end. */
  #goOnTyping() {
    this.#box.setSelectionRange(this.#box.value.length, this.#box.value.length);
    this.#box.focus();
  }

  #clicked(event) {
    const { target } = event;
    const link = target.closest("[data-result]");
    if (link) follow(event, link, () => this.#dialog.close());
    else if (target.closest("[data-close]")) this.#dialog.close();
    else if (target.closest("[data-again]")) this.#askAgain();
    else if (target.closest("[data-widen]")) this.#widen();
  }

  #askAgain() {
    this.#keep();
    this.#box.focus();
    this.#ask();
  }

  #widen() {
    this.#form.elements.since.value = "";
    this.#form.elements.pictures.checked = false;
    this.#askAgain();
  }
}

function personHere() {
  return document.querySelector("chat-conversation").dataset.person;
}

function dayBefore(days) {
  const day = new Date(Date.now() - days * DAY_MS);
  const numbers = [day.getFullYear(), day.getMonth() + 1, day.getDate()];
  return numbers.map((number) => String(number).padStart(2, "0")).join("-");
}

function isTyped({ key, ctrlKey, metaKey, altKey }) {
  return (key.length === 1 || key === "Backspace") && !ctrlKey && !metaKey && !altKey;
}

/** Open the dialog. */
export async function open(words = "") {
  (await show("search-dialog")).begin(words);
}

function hint(keys, label) {
  const words = document.createElement("span");
  words.textContent = text(label);
  return [...keysShown(keys), words];
}

customElements.define("search-dialog", SearchDialog);
