// The script of the page of one's pictures, which can be read without it.

import { listenForCommands, register } from "./lib/commands.js";
import { text } from "./lib/strings.js";
import { notify } from "./elements/toast-list.js";
import "./elements/picture-grid.js";

const find = (selector) => document.querySelector(selector);

register(
  {
    id: "image.open",
    async run(tile) {
      await import("./elements/image-lightbox.js");
      find("image-lightbox").open(tile);
    },
  },
  { id: "pictures.delete", run: () => find("picture-grid").confirmDeletion() },
  { id: "pictures.select-all", run: () => find("picture-grid").selectEvery() },
  { id: "pictures.clear", run: () => find("picture-grid").clear() },
);
listenForCommands(() => notify(text("not-loaded")));
