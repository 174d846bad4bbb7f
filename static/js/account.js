// The script of the account page, which works without it: a choice of looks is made at once.

import { chooseTheme, moveSentToTop } from "./lib/choices.js";
import { listenForCommands, register } from "./lib/commands.js";

register(
  { id: "theme.choose", run: (input) => chooseTheme(input.value) },
  { id: "sent-to-top.choose", run: (box) => moveSentToTop(box.checked) },
);
listenForCommands(() => {});
