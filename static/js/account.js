// The script of the account page, which works without it: a theme is tried on at once.

import { chooseTheme } from "./lib/choices.js";
import { listenForCommands, register } from "./lib/commands.js";

register({ id: "theme.choose", run: (input) => chooseTheme(input.value) });
listenForCommands(() => {});
