// The script of every page of the admin.

import { chooseTheme } from "./lib/choices.js";
import { listenForCommands, register } from "./lib/commands.js";
import { forgetSought } from "./lib/drafts.js";

// on a phone the bar is wider than the screen
document.querySelector(".places [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

register({ id: "theme.choose", run: (input) => chooseTheme(input.value) });

document.querySelector("[data-sign-out]")?.addEventListener("submit", forgetSought);

// what was refused may stand far below
document.querySelector('#content [aria-invalid="true"]')?.focus();

// an answer of a model takes a while: the button says so, and is not pressed twice
for (const form of document.querySelectorAll("form[data-slow]")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button");
    button.disabled = true;
    button.textContent = form.dataset.slow;
  });
}

// the sentence is in the page, in the language of the page
listenForCommands(() => {
  document.querySelector("[data-failed]").hidden = false;
});
