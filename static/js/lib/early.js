// What is pressed before the script of the page is here is done once it is. Browsers that know blocking="render" draw no
// page before this file and the one that it imports have come; they are small.

import { isSendKey } from "./send-key.js";

const KEPT = "[data-command]:not([href]), [data-send]";
const kept = new Set(); // what was pressed: twice is once
const listening = new AbortController();

function keep(event, selector) {
  const pressed = event.target.closest(selector);
  if (pressed) kept.add(pressed);
}

function listen(type, handle) {
  document.addEventListener(type, handle, { capture: true, signal: listening.signal });
}

listen("click", (event) => keep(event, KEPT));
listen("change", (event) => keep(event, "input[type=file]"));
listen("keydown", (event) => {
  if (!event.target.matches("[data-message]") || !isSendKey(event)) return;
  event.preventDefault(); // which would begin a line
  kept.add(event.target.form.querySelector("[data-send]"));
});

/** Do it now: the script is here. */
export function doWhatWasPressed() {
  listening.abort();
  for (const pressed of kept) {
    if (pressed.type === "file") pressed.dispatchEvent(new Event("change", { bubbles: true }));
    else pressed.click();
  }
}
