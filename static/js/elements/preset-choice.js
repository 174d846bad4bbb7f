// The list of presets above the message box, while "/" and the beginning of a name stand in it.

import { announce } from "../lib/announce.js";
import "../lib/later-style.js";
import { allPresets, usePreset } from "../lib/presets.js";
import { text } from "../lib/strings.js";
import { notify } from "./toast-list.js";

const MAX_SHOWN = 8;
const GAP = 8;

class PresetChoice {
  #box;
  #area;
  #list = document.createElement("ul");
  #presets = null;
  #dismissed = null; // the text at which it was closed

  constructor(box) {
    this.#box = box;
    this.#area = box.querySelector("textarea");
    this.#list.className = "preset-choice";
    this.#list.id = "preset-choice";
    this.#list.role = "listbox";
    this.#list.ariaLabel = text("presets");
    this.#list.popover = "manual"; // in the top layer: the box is in a part of the page that cuts off
    box.prepend(this.#list);
    this.#area.addEventListener("input", () => this.update());
    this.#area.addEventListener("blur", () => this.#close());
    // before the box, which sends at Enter
    box.addEventListener("keydown", (event) => this.#pressed(event), { capture: true });
    this.#list.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays in the box
    this.#list.addEventListener("click", ({ target }) => {
      const option = target.closest("[role=option]");
      if (option) this.#choose(option);
    });
  }

  /** Show the presets whose names begin with what is typed. */
  async update() {
    if (!this.#area.value.startsWith("/")) {
      this.#presets = null; // they may be others the next time
      this.#dismissed = null;
      return this.#close();
    }
    this.#presets ??= allPresets();
    const presets = (await this.#presets) ?? [];
    const typed = this.#area.value;
    const wanted = typed.slice(1).toLowerCase();
    const found = presets.filter(({ name }) => name.toLowerCase().startsWith(wanted));
    if (!typed.startsWith("/") || typed === this.#dismissed || !found.length) return this.#close();
    this.#show(found.slice(0, MAX_SHOWN));
  }

  get #isOpen() {
    return this.#list.matches(":popover-open");
  }

  get #options() {
    return [...this.#list.children];
  }

  get #active() {
    return !this.#isOpen ? null : this.#list.querySelector("[aria-selected=true]");
  }

  #show(presets) {
    const isNew = !this.#isOpen;
    this.#list.replaceChildren(...presets.map(optionOf));
    if (isNew) this.#list.showPopover();
    this.#place();
    this.#area.setAttribute("aria-controls", this.#list.id);
    this.#mark(this.#options[0]);
    if (isNew) announce(text("presets-shown", { count: presets.length }));
  }

  #place() {
    const { left, top, width } = this.#area.closest(".composer-box").getBoundingClientRect();
    Object.assign(this.#list.style, {
      left: `${left}px`,
      bottom: `${innerHeight - top + GAP}px`,
      width: `${width}px`,
    });
  }

  #close() {
    if (this.#isOpen) this.#list.hidePopover();
    this.#area.removeAttribute("aria-controls");
    this.#area.removeAttribute("aria-activedescendant");
  }

  #mark(option) {
    for (const other of this.#options) other.ariaSelected = other === option;
    this.#area.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  #pressed(event) {
    const active = this.#active;
    if (!active || event.isComposing || event.keyCode === 229) return;
    if (event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowDown") this.#mark(active.nextElementSibling ?? this.#options[0]);
    else if (event.key === "ArrowUp") this.#mark(active.previousElementSibling ?? this.#options.at(-1));
    else if (event.key === "Enter" || event.key === "Tab") this.#choose(active);
    else if (event.key === "Escape") this.#dismiss();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The text stays as it is, and can be sent. */
  #dismiss() {
    this.#dismissed = this.#area.value;
    this.#close();
  }

  async #choose({ dataset: { preset, name, variables } }) {
    this.#close();
    this.#box.value = "";
    this.#area.dispatchEvent(new Event("input", { bubbles: true })); // the draft is empty too
    if (variables) return (await import("./settings-panel.js")).openForPreset(preset);
    try {
      const { errors } = await usePreset(preset);
      const [problem] = Object.values(errors);
      notify(problem ?? text("preset-used", { name }));
    } catch (refusal) {
      notify(refusal.message);
    }
  }
}

function optionOf({ id, name, variables }) {
  const option = document.createElement("li");
  option.role = "option";
  option.id = `preset-option-${id}`;
  option.dir = "auto";
  option.textContent = `/${name}`;
  Object.assign(option.dataset, { preset: id, name, variables: variables.join() });
  return option;
}

const choices = new WeakMap();

/** Offer presets in this message box from now on. */
export function offerPresets(box) {
  if (!choices.has(box)) choices.set(box, new PresetChoice(box));
  return choices.get(box).update();
}
