// Deleting a conversation, which can be undone for a moment.

import { post } from "../lib/http.js";
import { text } from "../lib/strings.js";
import "./conversation-list.js";
import { notify } from "./toast-list.js";

// in the session's storage:
const DELETED = "deleted"; // what the next page offers to undo
const RESTORED = "restored"; // the conversation whose page is opened because it was restored

/** Delete the conversation of this item of the list. */
export async function deleteConversation(item) {
  const { conversation: id } = item.dataset;
  const list = item.closest("conversation-list"); // looked for now: news of the deletion may take the item out first
  const link = item.querySelector("a");
  const neighbour = list.neighbourOf(item);
  const day = item.closest("[data-day]");
  const following = day.nextElementSibling;
  if (!(await post(`/c/${id}/delete/`))) notify(text("request-failed"));
  else if (link.ariaCurrent) leave(id, link.textContent);
  else {
    offerUndoOf(id, link.textContent, (html) => {
      list.putBack({ id, html, day, following });
      focusOn(id);
    });
    list.takeOut(id);
    if (document.activeElement === document.body) (neighbour ?? newChat()).focus();
  }
}

function newChat() {
  return document.querySelector(".sidebar .new-chat");
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

/** Offer to undo what the page before this one left, unless it was somebody else's. */
export function offerUndo() {
  const { id, title, person } = JSON.parse(sessionStorage.getItem(DELETED));
  sessionStorage.removeItem(DELETED);
  if (person === personHere()) offerUndoOf(id, title, () => open(id));
}

function open(id) {
  sessionStorage.setItem(RESTORED, id);
  location.assign(`/c/${id}/`);
}

/** On the page of a conversation that was restored: give the focus to its item of the list. */
export function focusRestored() {
  focusOn(sessionStorage.getItem(RESTORED));
  sessionStorage.removeItem(RESTORED);
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
  notify(text("deleted", { title }), { undo });
}
