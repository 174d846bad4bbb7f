// Taking a message back that waits for an answer to end: to change it, or not to send it after all.

import { choicesField } from "../lib/drafts.js";
import { post } from "../lib/http.js";
import { newId } from "../lib/ids.js";
import { text } from "../lib/strings.js";
import { notify } from "./toast-list.js";

/** Put it back into the box. */
export async function change(button) {
  const conversation = button.closest("chat-conversation");
  const draft = await takeBack(button);
  if (draft) composerOf(conversation).take(draft);
}

/** Send it to nobody; that can be undone for a moment. */
export async function withdraw(button) {
  const conversation = button.closest("chat-conversation");
  const draft = await takeBack(button);
  const undo = () => putBack(conversation, draft);
  if (draft) notify(text("withdrawn"), { undo });
}

/** Take it from the server and out of the thread. Returns its draft; null where it is not to be had. */
async function takeBack(button) {
  const article = button.closest("[data-waiting]");
  const { messageId, draft } = article.dataset;
  const conversation = article.closest("chat-conversation");
  button.ariaDisabled = "true";
  const isTaken = await post(`/messages/${messageId}/withdraw/`);
  button.ariaDisabled = null;
  const thread = threadOf(conversation);
  if (isTaken) thread.takeOut(messageId);
  if (!thread.find(messageId)) return JSON.parse(draft);
  keepUntilKnown(conversation, messageId, JSON.parse(draft));
  notify(text("request-failed"));
  return null;
}

/** The answer may have been lost, and not the request: then the message goes from the thread, and into the box. */
function keepUntilKnown(conversation, messageId, draft) {
  const thread = threadOf(conversation);
  const look = () => {
    const article = thread.find(messageId);
    if (article && "waiting" in article.dataset) return;
    conversation.removeEventListener("thread-changed", look);
    if (!article) composerOf(conversation).take(draft);
  };
  conversation.addEventListener("thread-changed", look);
}

/** While the answer runs it waits again; afterwards it would be sent, so it goes into the box. */
async function putBack(conversation, draft) {
  if (threadOf(conversation).runningId === null) return composerOf(conversation).take(draft);
  const image_ids = draft.images.map(({ id }) => id);
  try {
    await conversation.submit({ client_id: newId(), text: draft.text, image_ids, ...choicesField(draft) });
  } catch ({ message }) {
    notify(message);
    composerOf(conversation).take(draft);
  }
}

function threadOf(conversation) {
  return conversation.querySelector("chat-thread");
}

function composerOf(conversation) {
  return conversation.querySelector("chat-composer");
}
