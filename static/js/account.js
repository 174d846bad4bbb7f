// The script of the account page, which works without it: a choice of looks is made at once, and what was typed and not
// saved is not left without a question. Each section is a form of its own: saving one leaves the others too.

import { chooseTheme, chooseSentToTop } from "./lib/choices.js";
import { listenForCommands, register } from "./lib/commands.js";

register(
  { id: "theme.choose", run: (input) => chooseTheme(input.value) },
  { id: "sent-to-top.choose", run: (box) => chooseSentToTop(box.checked) },
);
listenForCommands(() => {});

let sent = null;
addEventListener("submit", ({ target }) => {
  sent = target;
});
addEventListener("beforeunload", (event) => {
  const left = [...document.forms].filter((form) => form !== sent && isUnsaved(form));
  if (left.length) event.preventDefault();
  sent = null; // where the person stays
});

/** Passwords are filled in by browsers too, and typed again in a moment. */
function isUnsaved(form) {
  const fields = [...form.querySelectorAll("input:is([type=text], [type=email]), textarea")];
  return fields.some((field) => field.value !== field.defaultValue || field.closest(".field-wrong"));
}
