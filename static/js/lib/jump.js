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
  const tint = "var(--accent-wash)";
  const tinted = { backgroundColor: tint, boxShadow: `0 0 0 0.5rem ${tint}` };
  const bare = { backgroundColor: "transparent", boxShadow: "0 0 0 0.5rem transparent" };
  const keyframes = prefersStillness.matches ? [tinted, tinted] : [tinted, { ...tinted, offset: 0.6 }, bare];
  article.animate(keyframes, MARKED_MS);
}
