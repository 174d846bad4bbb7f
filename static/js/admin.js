// The script of every page of the admin.

import { chooseTheme } from "./lib/choices.js";
import { listenForCommands, register } from "./lib/commands.js";
import { forgetSought } from "./lib/drafts.js";

register({ id: "theme.choose", run: (input) => chooseTheme(input.value) });

document.querySelector("[data-sign-out]")?.addEventListener("submit", forgetSought);

// the sentence is in the page, in the language of the page
listenForCommands(() => {
  document.querySelector("[data-failed]").hidden = false;
});
