// A picture that was just attached looks like one that was asked about before: a chip above the box says so, with a link.

import { announce } from "../lib/announce.js";
import { icon } from "../lib/icons.js";
import "../lib/later-style.js";
import { text } from "../lib/strings.js";
import { follow } from "./jump.js";

/** `place` is the {url, title} of the message; the chip goes with `upload`, the tile of the picture. */
export function showAskedBefore(upload, { url, title }) {
  const dock = upload.closest(".dock-column");
  if (!dock) return; // a question that is being edited shows it already
  dock.querySelector("[data-asked-before]")?.remove();
  const chip = document.createElement("p");
  chip.className = "asked-before";
  chip.dataset.askedBefore = "";
  const link = Object.assign(document.createElement("a"), { href: url, textContent: text("asked-before") });
  link.title = title;
  link.addEventListener("click", (event) => follow(event, link, () => chip.remove()));
  chip.append(icon("clock"), link, closeButton(chip));
  dock.prepend(chip);
  announce(text("asked-before"));
  new MutationObserver((_, observer) => {
    if (upload.isConnected) return;
    chip.remove();
    observer.disconnect();
  }).observe(upload.parentElement, { childList: true });
}

function closeButton(chip) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "icon-button";
  button.setAttribute("aria-label", text("close"));
  button.append(icon("close"));
  button.addEventListener("click", () => {
    chip.remove();
    document.querySelector("send-or-stop").takeFocus();
  });
  return button;
}
