// Deleting a conversation, which can be undone for a moment.

import { post } from "../lib/http.js";
import { text } from "../lib/strings.js";
import "./conversation-list.js";
import { notify } from "./toast-list.js";

// in the session's storage: what the next page offers to undo, or the one that was restored and is opened again
const DELETED = "deleted";
const UNDO_SECONDS = 12;

/** Delete the conversation of this item of the list. */
export async function deleteConversation(item) {
  const { conversation: id } = item.dataset;
  const list = item.closest("conversation-list"); // looked for now: news of the deletion may take the item out first
  const link = item.querySelector("a");
  const neighbour = list.neighbourOf(item);
  if (!(await post(`/c/${id}/delete/`))) notify(text("request-failed"));
  else if (link.ariaCurrent) leave(id, link.textContent);
  else {
    offerUndoOf(id, link.textContent, (html) => putBack(list, id, html));
    list.takeOut(id);
    if (document.activeElement === document.body) (neighbour ?? newChat()).focus();
  }
}

function newChat() {
  return document.querySelector(".sidebar .new-chat");
}

function putBack(list, id, html) {
  list.update({ conversation_id: id, html });
  focusOn(id);
}

function focusOn(id) {
  document.querySelector("conversation-list").itemOf(id)?.querySelector("a").focus();
}

/** The page of a deleted conversation makes room for a new chat, which offers to undo it. */
export function leave(id, title) {
  if (sessionStorage.getItem(DELETED)) return; // on its way already
  sessionStorage.setItem(DELETED, JSON.stringify({ id, title, person: personHere() }));
  location.assign("/");
}

/** Go on with what the page before this one has begun: an offer to undo, or the way back. */
export function goOn() {
  const { id, title, person, isRestored } = JSON.parse(sessionStorage.getItem(DELETED));
  sessionStorage.removeItem(DELETED);
  if (isRestored) focusOn(id);
  else if (person === personHere()) offerUndoOf(id, title, () => open(id)); // not what was somebody else's
}

function open(id) {
  sessionStorage.setItem(DELETED, JSON.stringify({ id, isRestored: true }));
  location.assign(`/c/${id}/`);
}

function personHere() {
  return document.querySelector("chat-conversation").dataset.person;
}

/** `restored(html)` gets the item of the list. */
function offerUndoOf(id, title, restored) {
  const undo = async () => {
    const answer = await post(`/c/${id}/restore/`);
    if (answer) restored(await answer.text());
    else notify(text("request-failed"));
  };
  notify(text("deleted", { title }), { undo, seconds: UNDO_SECONDS });
}
