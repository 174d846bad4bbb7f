// Shortcuts as they are written on the keys of this person's keyboard.

import { isApple } from "./commands.js";

const ARROWS = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };
const APPLE = { ...ARROWS, Alt: "⌥", Shift: "⇧", Control: "⌘", Enter: "↩", Escape: "esc" };
const OTHERS = { ...ARROWS, Control: "Ctrl", Escape: "Esc" };
const APPLE_ORDER = ["Alt", "Shift", "Control"]; // as in the menus of its programs; the key itself comes last

/** An element for each of the shortcuts in `keys`, such as "Control+Shift+F /". */
export function keysShown(keys) {
  return keys.split(" ").map(shortcut);
}

function shortcut(keys) {
  const whole = document.createElement("kbd");
  whole.dir = "ltr";
  whole.append(...inOrder(keys.split("+")).map(key));
  return whole;
}

function inOrder(names) {
  if (!isApple) return names;
  return [...APPLE_ORDER.filter((name) => names.includes(name)), names.at(-1)];
}

function key(name) {
  const element = document.createElement("kbd");
  element.textContent = (isApple ? APPLE : OTHERS)[name] ?? name;
  return element;
}
