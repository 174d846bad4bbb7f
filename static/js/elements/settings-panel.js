// The dialog "Conversation settings": what is typed there holds as soon as it is valid.

import { show } from "../lib/dialogs.js";
import { fetchPage } from "../lib/http.js";
import { saved, saveSettings } from "../lib/settings.js";
import { text } from "../lib/strings.js";
import { typed } from "../lib/typed-values.js";
import { FormatEditor } from "./format-editor.js";
import "./preset-list.js";
import { typesByTouch } from "../lib/send-key.js";

const FIELDS = "[data-value], [data-system-prompt], [data-format-schema-text]";

class SettingsPanel extends HTMLElement {
  #format;

  connectedCallback() {
    this.addEventListener("input", ({ target }) => this.#edited(target));
    this.addEventListener("change", ({ target }) => this.#switched(target));
    this.addEventListener("presets-changed", () => this.load());
    this.addEventListener("click", ({ target }) => {
      if (target.closest("[data-close]")) this.querySelector("dialog").close();
      if (target.closest("[data-again]")) this.load();
    });
  }

  /** Show the settings as the server has them. */
  async load() {
    await saved().catch(() => {}); // what failed is told where it was typed
    const { conversationId } = document.querySelector("chat-conversation").dataset;
    const page = await fetchPage(`/c/${conversationId}/settings/`);
    this.querySelector("[data-failure]").hidden = page !== null;
    this.#body.replaceChildren(...(page?.body.children ?? []));
    if (!page) return;
    this.#format = new FormatEditor(this.#section("response_format"), (section) => this.#take(section));
    if (!typesByTouch.matches) this.querySelector("[data-system-prompt]").focus();
  }

  get #body() {
    return this.querySelector("[data-settings]");
  }

  #section(name) {
    return this.querySelector(`[data-setting="${name}"]`);
  }

  #edited(field) {
    const section = field.closest("[data-setting]");
    if (!section) return;
    if (field.matches("[data-system-prompt]")) this.#save(section, { system_prompt: field.value });
    if (!field.matches("[data-value]")) return;
    if (field.closest("[data-setting=response_format]")) this.#format.read();
    this.#take(section);
  }

  /** Save what the fields of a parameter say; nothing in them is its default. */
  #take(section) {
    const { setting: name, kind } = section.dataset;
    const fields = [...section.querySelectorAll("[data-value]")];
    const isEmpty = fields.every(({ value }) => value.trim() === "");
    setSwitches(section, { isDefault: isEmpty, isNotSent: false });
    if (isEmpty && kind !== "texts") return this.#saveParameter(section, name, null);
    const value = typed(
      kind,
      fields.map((field) => field.value),
    );
    if (value === undefined) return tell(section, text("setting-not-json"));
    this.#saveParameter(section, name, value);
  }

  #switched(field) {
    const section = field.closest("[data-setting]");
    if (field.matches("[data-default]")) this.#chooseDefault(section, field.checked);
    if (field.matches("[data-not-sent]")) this.#chooseNotSent(section, field.checked);
  }

  #chooseDefault(section, isDefault) {
    setSwitches(section, { isDefault, isNotSent: false });
    if (!isDefault) return section.querySelector("select, [data-value]").focus(); // a value is still to be typed
    this.#empty(section);
    this.#saveParameter(section, section.dataset.setting, null);
  }

  #chooseNotSent(section, isNotSent) {
    setSwitches(section, { isDefault: !isNotSent, isNotSent });
    this.#empty(section);
    this.#saveParameter(section, section.dataset.setting, isNotSent ? "not_sent" : null);
  }

  #empty(section) {
    for (const field of section.querySelectorAll("[data-value]")) field.value = "";
    if (section.dataset.setting === "response_format") this.#format.read();
  }

  #saveParameter(section, name, value) {
    return this.#save(section, { parameters: { [name]: value } });
  }

  async #save(section, change) {
    try {
      const { errors } = await saveSettings(change, { isTyped: true });
      tell(section, errors[section.dataset.setting] ?? "");
    } catch (refusal) {
      tell(section, refusal.message);
    }
    this.#count();
  }

  /** Say beside each heading how many of its parameters are set. */
  #count() {
    for (const group of this.querySelectorAll("[data-group]")) {
      const count = group.querySelectorAll("[data-default]:not(:checked)").length;
      const chip = group.querySelector("[data-count]");
      chip.textContent = count;
      chip.hidden = count === 0;
    }
  }
}

function setSwitches(section, { isDefault, isNotSent }) {
  section.querySelector("[data-default]").checked = isDefault;
  const notSent = section.querySelector("[data-not-sent]");
  if (notSent) notSent.checked = isNotSent;
}

/** Tell what is wrong at the fields that are shown for it, "" where nothing is. */
function tell(section, sentence) {
  const note = section.querySelector("[data-error]");
  if (note.textContent !== sentence) note.textContent = sentence; // said once
  note.hidden = !sentence;
  for (const field of section.querySelectorAll(FIELDS)) {
    const isWrong = sentence && !field.closest("[hidden]");
    const described = (field.getAttribute("aria-describedby") ?? "").split(" ");
    const others = described.filter((id) => id && id !== note.id);
    field.setAttribute("aria-describedby", [...(isWrong ? [note.id] : []), ...others].join(" "));
    if (isWrong) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
}

/** Open the dialog. */
export async function open() {
  await (await show("settings-panel")).load();
}

/** Open it, and use a preset, which has variables. */
export async function openForPreset(id) {
  await open();
  document.querySelector("preset-list")?.use(id);
}

customElements.define("settings-panel", SettingsPanel);
