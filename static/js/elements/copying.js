// Copying a whole conversation.

import { copy, whyNotCopied } from "../lib/clipboard.js";
import { fetchText } from "../lib/http.js";
import { text } from "../lib/strings.js";
import { notify } from "./toast-list.js";

/** Copy the branch that is shown of a conversation, as Markdown. */
export async function copyConversation(id) {
  const words = wordsAt(`/c/${id}/text/`);
  notify(text((await copy(words)) ? "conversation-copied" : await whyNotCopied(words)));
}

async function wordsAt(address) {
  const words = await fetchText(address);
  if (words === null) throw new Error("the words were not to be had");
  return words;
}
