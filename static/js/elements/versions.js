// Going from one version of a message to another: the branch through it is shown, here and in every other tab.

import { elementsFrom } from "../lib/blocks.js";
import { post } from "../lib/http.js";
import { ReadingPlace } from "../lib/reading-place.js";
import { text } from "../lib/strings.js";
import { notify } from "./toast-list.js";

let isOnTheWay = false;

/** Show the version that this button names; the reader stays there, and the focus on the same button of that version. */
export async function showVersion(pressed) {
  if (isOnTheWay) return; // a second press, before the first has brought other buttons
  const button = pressed.isConnected ? pressed : sameAs(pressed);
  if (!button) return;
  isOnTheWay = true;
  const conversation = button.closest("chat-conversation");
  conversation.switching();
  try {
    await show(conversation, button);
  } finally {
    isOnTheWay = false;
    conversation.switched();
  }
}

/** The button that has taken its place: the thread was fetched anew while this module was. */
function sameAs({ dataset: { version, command } }) {
  return document.querySelector(`[data-command="${command}"][data-version="${version}"]`);
}

async function show(conversation, button) {
  const { version, command } = button.dataset;
  const answer = await post(`/messages/${version}/show/`);
  if (!answer) return notify(text("request-failed"));
  const [fresh] = elementsFrom(await answer.text());
  const thread = conversation.querySelector("chat-thread");
  const scroller = conversation.querySelector("thread-scroller");
  const place = new ReadingPlace(scroller.view, thread, button.closest("[data-message-id]"), button);
  if (!fresh || !thread.showFrom(fresh)) await conversation.refresh();
  const article = thread.find(version);
  const pressed = article?.querySelector(`[data-command="${command}"]`);
  if (!pressed) return;
  place.giveTo(article, pressed);
  pressed.focus({ preventScroll: true });
  scroller.stay();
}
