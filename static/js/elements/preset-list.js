// The presets in the dialog of the settings: used, saved, renamed, deleted.

import { announce } from "../lib/announce.js";
import { deletePreset, renamePreset, savePreset, usePreset } from "../lib/presets.js";
import { text } from "../lib/strings.js";

const TAKEN = "preset.name_taken";

class PresetList extends HTMLElement {
  #chosen = null; // the item that a form is about

  connectedCallback() {
    this.addEventListener("click", this.#clicked);
    this.addEventListener("submit", this.#submitted);
    this.#form("save").addEventListener("input", () => this.#tell(""));
  }

  /** Use a preset; where it has variables, ask for them first. */
  use(id) {
    const item = this.querySelector(`[data-preset="${id}"]`);
    return item && this.#ask(item);
  }

  #form(name) {
    return this.querySelector(`[data-preset-${name}]`);
  }

  #clicked({ target }) {
    const button = target.closest("button");
    const item = target.closest("[data-preset]");
    if (!button) return;
    if (button.matches("[data-preset-use]")) this.#ask(item);
    else if (button.matches("[data-preset-rename]")) this.#open("new-name", item, item.dataset.name);
    else if (button.matches("[data-preset-delete]")) this.#open("removal", item);
    else if (button.matches("[data-preset-cancel]")) this.#close();
    else if (button.matches("[data-preset-overwrite]")) this.#save({ overwrites: true });
  }

  #ask(item) {
    const names = item.dataset.variables.split(",").filter(Boolean);
    if (!names.length) return this.#use(item, {});
    this.#form("fields").replaceChildren(...names.flatMap(field));
    this.#open("values", item);
  }

  /** Open one of the forms for this preset. */
  #open(name, item, value) {
    this.#close();
    this.#chosen = item;
    const form = this.#form(name);
    const title = form.querySelector("[data-preset-title]");
    if (title)
      title.textContent = name === "removal" ? text("preset-removal", item.dataset) : item.dataset.name;
    item.after(form);
    form.hidden = false;
    const first = form.querySelector("input, textarea, button");
    if (value !== undefined) first.value = value;
    first.focus();
  }

  #close() {
    this.#tell("");
    for (const name of ["values", "new-name", "removal"]) this.#form(name).hidden = true;
    this.#chosen?.querySelector("[data-preset-use]")?.focus();
    this.#chosen = null;
  }

  #submitted(event) {
    event.preventDefault();
    const form = event.target;
    const item = this.#chosen;
    if (form === this.#form("save")) this.#save();
    else if (form === this.#form("values")) this.#use(item, valuesOf(form));
    else if (form === this.#form("new-name"))
      this.#change(() => renamePreset(item.dataset.preset, form.querySelector("input").value));
    else if (form === this.#form("removal")) this.#change(() => deletePreset(item.dataset.preset));
  }

  #use(item, variables) {
    const { preset, name } = item.dataset;
    return this.#change(async () => {
      const { errors } = await usePreset(preset, variables);
      announce(text("preset-used", { name }));
      const [problem] = Object.values(errors);
      if (problem) throw { message: problem };
    });
  }

  #save(options) {
    const input = this.#form("save").querySelector("input");
    input.focus();
    return this.#change(async () => {
      const { name } = await savePreset(input.value, options);
      announce(text("preset-saved", { name }));
    });
  }

  /** Do it, and let the dialog show the presets and settings as they are now. */
  async #change(job) {
    try {
      await job();
    } catch (refusal) {
      return this.#tell(refusal.message, refusal.code);
    }
    this.dispatchEvent(new CustomEvent("presets-changed", { bubbles: true }));
  }

  #tell(sentence, code = "") {
    const note = this.querySelector("[data-preset-error]");
    note.textContent = sentence;
    note.hidden = !sentence;
    const overwrite = this.querySelector("[data-preset-overwrite]");
    overwrite.hidden = code !== TAKEN || this.#chosen !== null;
  }
}

function field(name, index) {
  const label = document.createElement("label");
  const box = document.createElement("textarea");
  box.id = `preset-value-${index}`;
  box.rows = 1;
  box.dir = "auto";
  box.dataset.variable = name;
  label.htmlFor = box.id;
  label.textContent = name;
  return [label, box];
}

function valuesOf(form) {
  const boxes = [...form.querySelectorAll("[data-variable]")];
  return Object.fromEntries(boxes.map((box) => [box.dataset.variable, box.value]));
}

customElements.define("preset-list", PresetList);
