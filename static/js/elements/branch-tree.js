// All messages of a conversation, on all its branches, each with a link to it.

import { show } from "../lib/dialogs.js";
import { fetchText } from "../lib/http.js";
import { text } from "../lib/strings.js";
import "./answer-dialog.js";
import { follow } from "./jump.js";

/** Open the tree of the conversation that is shown. */
export async function openTree() {
  const { conversationId } = document.querySelector("chat-conversation").dataset;
  const html = await fetchText(`/c/${conversationId}/tree/`);
  if (html === null) throw new Error("it was not to be had");
  const element = await show("answer-dialog");
  element.begin(text("all-versions"), html);
  const tree = element.querySelector(".tree");
  tree.addEventListener("click", (event) => {
    const link = event.target.closest("[data-tree-message]");
    if (link) follow(event, link, () => element.querySelector("dialog").close());
  });
  const shown = [...tree.querySelectorAll("[aria-current]")].at(-1);
  shown?.scrollIntoView({ block: "center", behavior: "instant" });
  shown?.focus({ preventScroll: true });
}
