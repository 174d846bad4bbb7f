// Going to one message of the thread.

import { notify } from "../elements/toast-list.js";
import { text } from "./strings.js";

const MARKED_MS = 2500;
const prefersStillness = matchMedia("(prefers-reduced-motion: reduce)");

/** The message of this id on the page, or null. */
export function messageOf(id) {
  return document.querySelector(`article[data-message-id="${CSS.escape(id)}"]`);
}

/** Show this message, give it the focus, and mark it for a moment. */
export function jumpTo(id) {
  const article = messageOf(id);
  const scroller = document.querySelector("thread-scroller");
  if (!article) {
    scroller.follow();
    // which brings the branch that has it
    if (!document.querySelector("show-message")) notify(text("message-gone"));
    return;
  }
  scroller.show(article);
  article.tabIndex = -1;
  article.focus({ preventScroll: true });
  mark(article);
}

/** A tint that fades; for who wants no motion it goes at once when its time is over. */
function mark(article) {
  const said = article.querySelector(".said");
  const tint = "var(--accent-wash)";
  const [tinted, bare] = said
    ? [{ backgroundColor: tint }, { backgroundColor: "var(--said)" }]
    : [around(tint), around("transparent")];
  const keyframes = prefersStillness.matches ? [tinted, tinted] : [tinted, { ...tinted, offset: 0.6 }, bare];
  (said ?? article).animate(keyframes, MARKED_MS);
}

function around(backgroundColor) {
  return { backgroundColor, boxShadow: `0 0 0 0.5rem ${backgroundColor}`, borderRadius: "var(--radius)" };
}
