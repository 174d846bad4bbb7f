// The picker of the language model that the next message goes to.

import { announce } from "../lib/announce.js";
import { show } from "../lib/dialogs.js";
import { saveSettings } from "../lib/settings.js";
import { text } from "../lib/strings.js";
import { ModelList, fetchModels, idOf, optionNamed } from "./model-list.js";
import { notify } from "./toast-list.js";

const GAP = 4;
const EDGE = 8;

class ModelPicker extends HTMLElement {
  #list;

  connectedCallback() {
    this.#list = new ModelList(this, (option) => this.#choose(option));
    this.#dialog.addEventListener("close", () => this.#tellButton(false));
    this.addEventListener("keydown", (event) => this.#keyPressed(event));
    this.addEventListener("click", ({ target }) => {
      if (target.closest("[data-close]")) this.#dialog.close();
    });
  }

  /** Begin afresh, below the name of the model. */
  begin() {
    this.#tellButton(true);
    this.#place();
    this.#list.focus();
    return this.#list.load(conversation().dataset.conversationId);
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  #tellButton(isOpen) {
    button()?.setAttribute("aria-expanded", isOpen);
    if (isOpen) button()?.setAttribute("aria-controls", this.#dialog.id);
  }

  /** Say where the name of the model ends; on a phone it is a sheet at the lower edge. */
  #place() {
    const { left, right, bottom } = button().getBoundingClientRect();
    const { offsetWidth } = this.#dialog;
    const isRightToLeft = getComputedStyle(this).direction === "rtl";
    const wanted = isRightToLeft ? right - offsetWidth : left;
    const possible = Math.max(EDGE, Math.min(wanted, innerWidth - offsetWidth - EDGE));
    this.#dialog.style.setProperty("--left", `${possible}px`);
    this.#dialog.style.setProperty("--block-start", `${bottom + GAP}px`);
  }

  #keyPressed(event) {
    if (event.key !== "Enter" || event.isComposing || event.target.closest("button")) return;
    event.preventDefault();
    if (this.#list.active) this.#choose(this.#list.active);
  }

  #choose(option) {
    this.#dialog.close();
    return choose(idOf(option));
  }
}

const conversation = () => document.querySelector("chat-conversation");
const button = () => document.querySelector(".topbar [role=combobox]");

/** Open the picker; where it is open, close it. */
export async function open() {
  const opened = document.querySelector(".models[open]");
  if (opened) return opened.close();
  await (await show("model-picker")).begin();
}

/** Let the next message go to the model of this button. */
export function use(button) {
  return choose(idOf(button));
}

/** Choose the model that the address of a new chat names, by its id or name. What is sent meanwhile waits for it. */
export function chooseNamed(name) {
  history.replaceState(null, "", location.pathname);
  const choosing = findAndChoose(name);
  conversation().settingsSaved ??= () => choosing;
  return choosing;
}

async function findAndChoose(name) {
  const groups = await fetchModels(conversation().dataset.conversationId);
  if (!groups) return notify(text("request-failed"));
  const options = groups.flatMap((group) => [...group.querySelectorAll("[role=option]")]);
  const option = optionNamed(name, options);
  if (!option) return notify(text("model-unknown", { name }));
  if (!option.ariaCurrent) await choose(idOf(option));
}

async function choose(id) {
  try {
    const { errors } = await saveSettings({ language_model_id: id });
    if (errors.language_model_id) notify(errors.language_model_id);
  } catch ({ message }) {
    return notify(message);
  }
  await conversation().settingsChanged();
  announce(text("model-chosen", { name: button().textContent.trim() }));
}

customElements.define("model-picker", ModelPicker);
