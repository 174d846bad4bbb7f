// The language models that a person may choose among, as a list box that is searched by typing: a combobox as in the
// ARIA practices, whose focus stays in the box while the active option moves.

import { elementsFrom } from "../lib/blocks.js";
import { fetchText } from "../lib/http.js";
import { isWithin } from "../lib/matching.js";
import { text } from "../lib/strings.js";
import { typesByTouch } from "../lib/send-key.js";

const SAYING_PAUSE_MS = 600; // or a screen reader would count the models of every letter

let made = 0;

export class ModelList {
  #root;
  #active = null;
  #saying = 0;
  #conversationId = null;

  /** `root` has the parts of _combobox.html and _model_list.html; `pressed(option)` is told of a click on one. */
  constructor(root, pressed = () => {}) {
    this.#root = root;
    this.#box.addEventListener("input", () => this.#filter());
    this.#box.addEventListener("keydown", (event) => this.#keyPressed(event));
    this.#list.addEventListener("pointermove", ({ target }) => this.#pointed(target));
    this.#list.addEventListener("click", ({ target }) => {
      const option = target.closest("[role=option]");
      if (!option) return;
      this.#activate(option);
      pressed(option);
    });
    root.querySelector("[data-again]").addEventListener("click", () => this.load(this.#conversationId));
  }

  /** Show the models that may be chosen for a conversation, that of its next message active. */
  async load(conversationId) {
    this.#conversationId = conversationId;
    this.#box.value = "";
    this.#activate(null);
    this.#list.replaceChildren();
    this.#list.hidden = false;
    for (const part of ["none", "failure"]) this.#part(part).hidden = true;
    const groups = await fetchModels(conversationId);
    this.#part("failure").hidden = groups !== null;
    if (!groups) return;
    this.#list.replaceChildren(...groups);
    for (const option of this.#all) option.id = `model-option-${++made}`;
    this.#filter();
  }

  /** The option that Enter takes; null where no model has the words that were typed. */
  get active() {
    return this.#active;
  }

  /** Take the focus: by touch not in the box, whose keyboard would cover half of the list. */
  focus() {
    if (typesByTouch.matches) this.#list.focus();
    else this.#box.focus();
  }

  get #box() {
    return this.#root.querySelector("input[role=combobox]");
  }

  get #list() {
    return this.#root.querySelector("[role=listbox]");
  }

  get #all() {
    return [...this.#list.querySelectorAll("[role=option]")];
  }

  get #shown() {
    return this.#all.filter(({ hidden }) => !hidden);
  }

  #part(name) {
    return this.#root.querySelector(`[data-${name}]`);
  }

  /** Show the models whose name, or whose endpoint, has the words that were typed. */
  #filter() {
    const words = this.#box.value.trim();
    for (const group of this.#list.children) {
      const options = [...group.querySelectorAll("[role=option]")];
      for (const option of options) option.hidden = !isWithin(words, `${namesOf(option)} ${group.ariaLabel}`);
      group.hidden = options.every(({ hidden }) => hidden);
    }
    const shown = this.#shown;
    this.#list.hidden = shown.length === 0;
    this.#part("none").hidden = shown.length > 0;
    const current = words ? undefined : shown.find(({ ariaCurrent }) => ariaCurrent);
    this.#activate(current ?? shown[0] ?? null);
    clearTimeout(this.#saying);
    this.#saying = setTimeout(() => this.#say(text("results", { count: shown.length })), SAYING_PAUSE_MS);
  }

  #say(words) {
    this.#root.querySelector("[role=status]").textContent = words;
  }

  #activate(option) {
    this.#active?.setAttribute("aria-selected", "false");
    this.#active = option;
    if (!option) return this.#box.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    this.#box.setAttribute("aria-activedescendant", option.id);
    // the first one with the name of its endpoint
    if (option === this.#shown[0]) this.#list.scrollTop = 0;
    else option.scrollIntoView({ block: "nearest" });
  }

  #keyPressed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const shown = this.#shown;
    if (!step || !shown.length) return;
    event.preventDefault();
    this.#activate(shown.at((shown.indexOf(this.#active) + step) % shown.length));
  }

  #pointed(target) {
    const option = target.closest("[role=option]");
    if (option && option !== this.#active && matchMedia("(hover: hover)").matches) this.#activate(option);
  }
}

/** The models that may be chosen for a conversation, by endpoint, as elements; null where they do not come. */
export async function fetchModels(conversationId) {
  const html = await fetchText(`/models/?conversation=${conversationId}`);
  return html === null ? null : elementsFrom(html);
}

/** The id of the model of an option, null for that of the site where it has none. */
export function idOf({ dataset }) {
  return dataset.languageModel ? Number(dataset.languageModel) : null;
}

/** The name by which people know the model of an option. */
export function labelOf(option) {
  return option.querySelector("[data-label]").textContent;
}

/** The option of a model by its id, its name or its label; undefined where there is none. */
export function optionNamed(name, options) {
  const sought = name.trim().toLowerCase();
  const ways = [({ dataset }) => dataset.languageModel, ({ dataset }) => dataset.modelName, labelOf];
  return ways
    .map((way) => options.find((option) => way(option).toLowerCase() === sought))
    .find((found) => found !== undefined);
}

function namesOf(option) {
  return `${labelOf(option)} ${option.dataset.modelName}`;
}
