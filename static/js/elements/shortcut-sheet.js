// The sheet of shortcuts: every command of the registry that has keys.

import { signKeysAreOn, takeSignKeys } from "../lib/choices.js";
import { allCommands, register } from "../lib/commands.js";
import { show } from "../lib/dialogs.js";
import { keysShown } from "../lib/keys.js";
import { text } from "../lib/strings.js";
import "./image-lightbox.js"; // registers keys of its own
import { typesByTouch } from "../lib/send-key.js";

const TYPING = ["message.send", "message.new-line"]; // which one needs most, first
const touches = typesByTouch.matches;

class ShortcutSheet extends HTMLElement {
  connectedCallback() {
    const signKeys = this.querySelector("[data-sign-keys]");
    signKeys.checked = signKeysAreOn();
    signKeys.addEventListener("change", () => takeSignKeys(signKeys.checked));
    this.addEventListener("click", ({ target }) => {
      if (target.closest("[data-close]")) this.querySelector("dialog").close();
    });
  }

  begin() {
    const commands = allCommands().filter(({ keys, label }) => keys && label);
    const isTyping = ({ id }) => TYPING.includes(id);
    const ordered = commands.toSorted((one, other) => isTyping(other) - isTyping(one));
    this.querySelector("tbody").replaceChildren(...ordered.map(row));
  }
}

// message-box.js answers these, and chat-composer.js the last one
register(
  { id: "message.send", label: "send", keys: touches ? "Control+Enter" : "Enter" },
  { id: "message.new-line", label: "new-line", keys: touches ? "Enter" : "Shift+Enter" },
  { id: "message.edit-last", label: "edit-last", keys: "ArrowUp" },
);

function row({ label, keys }) {
  const element = document.createElement("tr");
  const name = document.createElement("th");
  name.scope = "row";
  name.textContent = text(label);
  element.append(name);
  element.insertCell().append(...keysShown(keys));
  return element;
}

/** Open the sheet. */
export async function open() {
  (await show("shortcut-sheet")).begin();
}

customElements.define("shortcut-sheet", ShortcutSheet);
