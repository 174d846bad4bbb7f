// Deleting a conversation, which can be undone for a moment.

import { post } from "../lib/http.js";
import { text } from "../lib/strings.js";
import { notify } from "./toast-list.js";

const DELETED = "deleted"; // in the session's storage: what the next page offers to undo
const UNDO_SECONDS = 12;

/** Delete the conversation of this item of the list. */
export async function deleteConversation(item) {
  const { conversation: id } = item.dataset;
  const list = item.closest("conversation-list"); // looked for now: news of the deletion may take the item out first
  const link = item.querySelector("a");
  const neighbour = item.nextElementSibling ?? item.previousElementSibling;
  if (!(await post(`/c/${id}/delete/`))) notify(text("request-failed"));
  else if (link.ariaCurrent) leave(id, link.textContent);
  else {
    offerUndoOf(id, link.textContent);
    list.takeOut(id);
    neighbour?.querySelector("a").focus();
  }
}

/** The page of a deleted conversation makes room for a new chat, which offers to undo it. */
export function leave(id, title) {
  if (sessionStorage.getItem(DELETED)) return; // on its way already
  sessionStorage.setItem(DELETED, JSON.stringify({ id, title, person: personHere() }));
  location.assign("/");
}

/** Offer to undo what the page before this one left, unless it was somebody else's. */
export function offerUndo() {
  const { id, title, person } = JSON.parse(sessionStorage.getItem(DELETED));
  sessionStorage.removeItem(DELETED);
  if (person === personHere()) offerUndoOf(id, title, () => location.assign(`/c/${id}/`));
}

function personHere() {
  return document.querySelector("chat-conversation").dataset.person;
}

function offerUndoOf(id, title, restored = () => {}) {
  const undo = async () => {
    if (await post(`/c/${id}/restore/`)) restored();
    else notify(text("request-failed"));
  };
  notify(text("deleted", { title }), { label: text("undo"), action: undo, seconds: UNDO_SECONDS });
}
