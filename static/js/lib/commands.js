// Everything that a person can do here is a page command (not every one asks the server for something, which
// is what docs/adding-a-command.md calls a command): {id, run} and, where it has them,
//   label         a key of strings.js: its name in menus, the palette and the sheet of shortcuts; a command
//                 without one is about the thing that was clicked, and stands in no list
//   icon, menu    the icon it has, and the menu it stands in
//   keys          its shortcuts, as in aria-keyshortcuts: "Control+Shift+F /"
//   isPossible    a function; while it returns false the shortcut is left to the browser
//   needsTrigger  from a list it is run as by a click on the last thing shown that gives it
// `run(trigger)` gets the element that was clicked, with data-command="id", or null from a shortcut. Without
// `run` it is a key that an element answers itself; it stands in the sheet of shortcuts.

import { signKeysAreOn } from "./choices.js";

const TEXT_FIELD =
  "input:not([type=radio], [type=checkbox], [type=file]), textarea, select, [contenteditable]";

/** Whether the keyboard is Apple's, on which ⌘ is what Ctrl is elsewhere. */
export const isApple = /^(Mac|iP)/.test(navigator.platform);

const commands = new Map();
let failed = () => {};

export function register(...added) {
  for (const command of added) commands.set(command.id, command);
}

/** All commands, in the order in which they were registered. */
export function allCommands() {
  return [...commands.values()];
}

/** The commands of a menu. */
export function commandsOf(menu) {
  return allCommands().filter((command) => command.menu === menu);
}

/** Serve all clicks and shortcuts of the page from the registry; `whenFailed()` is called where one fails. */
export function listenForCommands(whenFailed) {
  failed = whenFailed;
  document.addEventListener("click", clicked);
  document.addEventListener("keydown", pressed);
}

export async function runCommand(command, trigger = null) {
  try {
    await command.run(trigger);
  } catch (error) {
    failed();
    throw error; // for the console
  }
}

function clicked(event) {
  const trigger = event.composedPath()[0].closest("[data-command]"); // also in a shadow tree, as the admin has one
  if (!trigger || trigger.ariaDisabled === "true") return;
  if (trigger.href) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // opens elsewhere
    event.preventDefault();
  }
  runCommand(commands.get(trigger.dataset.command), trigger);
}

function pressed(event) {
  if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return; // 229: Safari, composing
  const command = allCommands().find(
    ({ keys, run, isPossible }) =>
      run && keys?.split(" ").some((one) => matches(event, one)) && (isPossible?.() ?? true),
  );
  if (!command) return;
  event.preventDefault();
  runCommand(command);
}

/** The code of the key is compared too: with Shift, or on another layout, `key` is another letter or a sign. */
function matches({ key, code, target, ctrlKey, metaKey, shiftKey, altKey }, keys) {
  const wanted = keys.split("+");
  const name = wanted.at(-1);
  const isTyping = target.matches?.(TEXT_FIELD);
  // one that some layouts have with Shift and others without
  if (isSign(keys))
    return key.toUpperCase() === name && !(ctrlKey || metaKey || altKey || isTyping) && signKeysAreOn();
  // moves or deletes in the text there: Ctrl-K up to the end of the line
  if (isApple && isTyping && ctrlKey && !shiftKey) return false;
  return (
    (key.toLowerCase() === name.toLowerCase() || code === `Key${name}` || code === `Digit${name}`) &&
    (ctrlKey || metaKey) === wanted.includes("Control") &&
    shiftKey === wanted.includes("Shift") &&
    altKey === wanted.includes("Alt")
  );
}

/** Whether this shortcut is one sign and nothing else. */
export function isSign(keys) {
  return keys.length === 1;
}
