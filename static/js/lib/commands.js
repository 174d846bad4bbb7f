// Everything that a person can do here is a page command (not every one asks the server for something, which
// is what docs/adding-a-command.md calls a command): {id, run} and, where it has them,
//   label       a key of strings.js: its name in menus
//   icon, menu  the icon it has, and the menu it stands in
//   keys        its shortcut, as in aria-keyshortcuts: "Control+Shift+O"
//   isPossible  a function; while it returns false the shortcut is left to the browser
// `run(trigger)` gets the element that was clicked, with data-command="id", or null from a shortcut.

const commands = new Map();

export function register(...added) {
  for (const command of added) commands.set(command.id, command);
}

/** The commands of a menu, in the order in which they were registered. */
export function commandsOf(menu) {
  return [...commands.values()].filter((command) => command.menu === menu);
}

/** Serve all clicks and shortcuts of the page from the registry; `failed()` is called where one fails. */
export function listenForCommands(failed) {
  const run = async (command, trigger) => {
    try {
      await command.run(trigger);
    } catch (error) {
      failed();
      throw error; // for the console
    }
  };
  document.addEventListener("click", (event) => clicked(event, run));
  document.addEventListener("keydown", (event) => pressed(event, run));
}

function clicked(event, run) {
  const trigger = event.composedPath()[0].closest("[data-command]"); // also in a shadow tree, as the admin has one
  if (!trigger || trigger.ariaDisabled === "true") return;
  if (trigger.href) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // opens elsewhere
    event.preventDefault();
  }
  run(commands.get(trigger.dataset.command), trigger);
}

function pressed(event, run) {
  if (event.defaultPrevented || event.isComposing) return;
  const command = [...commands.values()].find(
    ({ keys, isPossible }) => keys && matches(event, keys) && (isPossible?.() ?? true),
  );
  if (!command) return;
  event.preventDefault();
  run(command, null);
}

/** The code of the key is compared too: with Shift, or on another layout, `key` is another letter or a sign. */
function matches({ key, code, ctrlKey, metaKey, shiftKey, altKey }, keys) {
  const wanted = keys.split("+");
  const name = wanted.at(-1);
  return (
    (key === name || code === `Key${name}` || code === `Digit${name}`) &&
    (ctrlKey || metaKey) === wanted.includes("Control") &&
    shiftKey === wanted.includes("Shift") &&
    altKey === wanted.includes("Alt")
  );
}
