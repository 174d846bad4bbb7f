// The palette: conversations and commands by a few letters of their names. A combobox over a list box, as in the
// ARIA practices: the focus stays in the box, and the option that Enter chooses is its active descendant.

import { elementsFrom } from "../lib/blocks.js";
import { allCommands, runCommand } from "../lib/commands.js";
import { show } from "../lib/dialogs.js";
import { icon } from "../lib/icons.js";
import { keysShown } from "../lib/keys.js";
import { beginsWords, isWithin } from "../lib/matching.js";
import { Search } from "../lib/search.js";
import { text } from "../lib/strings.js";
import "../lib/palette-commands.js";
import { follow } from "./jump.js";
import { open as openSearch } from "./search-dialog.js";

const PAUSE_MS = 150;
const RECENT = 5;
const FOUND = 8;

class CommandPalette extends HTMLElement {
  #search = new Search();
  #typing = 0;
  #commands = [];
  #active = null;
  #chosen = new WeakMap(); // what the options that are no links do

  connectedCallback() {
    this.addEventListener("input", this.#edited);
    this.addEventListener("keydown", this.#keyPressed);
    this.addEventListener("click", this.#clicked);
    this.addEventListener("pointermove", this.#pointed);
    this.#dialog.addEventListener("close", () => this.#forget());
  }

  /** Begin afresh, with the commands that are possible now. */
  begin(commands) {
    this.#commands = commands;
    this.#box.value = "";
    this.#list.scrollTop = 0;
    this.#edited();
  }

  close() {
    this.#dialog.close();
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  get #box() {
    return this.querySelector("input");
  }

  get #list() {
    return this.querySelector("[role=listbox]");
  }

  get #options() {
    return [...this.querySelectorAll("[role=option]")];
  }

  #edited() {
    this.#forget();
    const words = this.#box.value.trim();
    if (words) this.#typing = setTimeout(() => this.#find(words), PAUSE_MS);
    const commands = this.#commands.filter(({ label }) => beginsWords(words, text(label)));
    const groups = [
      group(
        text("commands"),
        commands.map((command) => this.#commandOption(command)),
      ),
      group(text("conversations"), conversations(words)),
    ];
    // whoever has typed nothing comes for a conversation rather than to read commands
    if (!words) groups.reverse();
    else groups.push(group(text("messages"), [this.#searchOption(words)]));
    this.#list.replaceChildren(...groups.filter((one) => one.querySelector("[role=option]")));
    this.#activate(this.#options[0]);
  }

  /** Add what the server finds below all else, so that nothing moves away from under the pointer. */
  async #find(words) {
    const html = await this.#search.ask({ q: words }).catch(() => null); // the full search says what is wrong
    if (html === null) return;
    const listed = new Set(this.#options.map((option) => option.getAttribute("href")));
    const found = elementsFrom(html).flatMap((part) => [...part.querySelectorAll("[data-result]")]);
    const fresh = found.filter((link) => !listed.has(link.getAttribute("href"))).slice(0, FOUND);
    this.#list.lastElementChild.append(...fresh.map(asOption));
  }

  #forget() {
    clearTimeout(this.#typing);
    this.#search.forget();
  }

  #activate(option) {
    this.#active?.setAttribute("aria-selected", "false");
    this.#active = option;
    option.setAttribute("aria-selected", "true");
    this.#box.setAttribute("aria-activedescendant", option.id);
  }

  #keyPressed(event) {
    if (event.isComposing || event.keyCode === 229 || event.target !== this.#box) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#step(step);
    else if (event.key === "Enter") this.#active.dispatchEvent(clickLike(event));
    else return;
    event.preventDefault();
  }

  #step(step) {
    const options = this.#options;
    this.#activate(options.at((options.indexOf(this.#active) + step) % options.length));
    // the first with its heading
    if (this.#active === options[0]) this.#list.scrollTop = 0;
    else this.#active.scrollIntoView({ block: "nearest" });
  }

  #pointed({ target }) {
    const option = target.closest("[role=option]");
    if (option && option !== this.#active) this.#activate(option);
  }

  #clicked(event) {
    const option = event.target.closest("[role=option]");
    if (event.target.closest("[data-close]")) this.close();
    else if (option?.href) follow(event, option, () => this.close());
    else if (option) {
      this.close();
      this.#chosen.get(option)();
    }
  }

  #commandOption(command) {
    const keys = command.keys ? keysShown(command.keys.split(" ")[0]) : [];
    const option = asOption(line("div", icon(command.icon ?? "next"), words(text(command.label)), ...keys));
    this.#chosen.set(option, () => runCommand(command, command.needsTrigger ? triggerOf(command) : null));
    return option;
  }

  #searchOption(sought) {
    const option = asOption(line("div", icon("search"), words(text("search-for", { words: sought }))));
    this.#chosen.set(option, () => openSearch(sought));
    return option;
  }
}

/** Conversations of the sidebar whose title has these words; without words the latest. */
function conversations(typed) {
  const links = [...document.querySelectorAll("[data-conversation] > a")];
  const found = typed
    ? links.filter(({ textContent }) => isWithin(typed, textContent)).slice(0, FOUND)
    : links.filter(({ ariaCurrent }) => !ariaCurrent).slice(0, RECENT);
  return found.map((conversation) => {
    const link = line("a", icon("said"), words(conversation.textContent));
    link.href = conversation.getAttribute("href");
    return asOption(link);
  });
}

let made = 0;

function asOption(element) {
  element.id = `palette-option-${++made}`;
  element.tabIndex = -1;
  element.setAttribute("role", "option");
  element.setAttribute("aria-selected", "false");
  return element;
}

function line(tag, ...parts) {
  const element = document.createElement(tag);
  element.className = "palette-line";
  element.append(...parts);
  return element;
}

function words(content) {
  const element = document.createElement("span");
  element.dir = "auto";
  element.textContent = content;
  return element;
}

function group(title, options) {
  const element = document.createElement("div");
  const heading = document.createElement("p");
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", title);
  heading.ariaHidden = "true";
  heading.textContent = title;
  element.append(heading, ...options);
  return element;
}

function clickLike({ ctrlKey, metaKey, shiftKey }) {
  return new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey });
}

/** The last thing shown that gives this command by a click, such as the button below the last answer. */
function triggerOf({ id }) {
  const triggers = [...document.querySelectorAll(`[data-command="${id}"]`)];
  return triggers.findLast((trigger) => trigger.checkVisibility({ visibilityProperty: true }));
}

function isListed(command) {
  const { id, label, menu, run, needsTrigger, isPossible } = command;
  if (!label || !run || menu || id === "palette.open") return false;
  return (isPossible?.() ?? true) && (!needsTrigger || triggerOf(command) !== undefined);
}

/** Open the palette; where it is open, close it. */
export async function open() {
  const opened = document.querySelector(".palette[open]");
  if (opened) return opened.close();
  document.querySelector(".tool[open]")?.close(); // behind which much is not possible
  // those that one finds by their keys too come first
  const commands = allCommands()
    .filter(isListed)
    .toSorted((one, other) => Boolean(other.keys) - Boolean(one.keys));
  (await show("command-palette")).begin(commands);
}

customElements.define("command-palette", CommandPalette);
