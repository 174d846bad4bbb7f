// Going to one message of the thread.

import { loaded } from "../lib/http.js";
import { text } from "../lib/strings.js";
import { notify } from "./toast-list.js";

const MARKED_MS = 2500;
const prefersStillness = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * Serve a click on a link to a conversation or a message: what this page shows is not loaded again. Before it is gone
 * to, `close()` is called.
 */
export function follow(event, link, close) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return; // opens elsewhere
  const { href, pathname, searchParams } = new URL(link.href);
  const id = searchParams.get("message");
  const isHere = pathname === location.pathname && (!id || messageOf(id) || gapOf(id));
  if (!isHere && href !== location.href) return; // the browser follows it
  event.preventDefault();
  if (!isHere) return location.reload(); // the address is this page's, which shows another branch by now
  close();
  if (id) arrive(id, href);
}

/** Go to a message of this conversation; its page is opened where that is on another branch. */
async function arrive(id, href) {
  if (await bring(id)) jumpTo(id);
  else if (href === location.href) location.reload();
  else location.assign(href);
}

/** Fetch this message, if the page has not got it. Returns whether it is here then. */
async function bring(id) {
  while (!messageOf(id)) {
    const isHere = await gapOf(id)?.load({ around: id });
    if (!isHere) return false;
  }
  return true;
}

function gapOf(id) {
  // one that nobody has come near to is a plain element until its script is here
  return [...document.querySelectorAll("message-gap")].find((gap) => gap.mayHave?.(Number(id)));
}

function messageOf(id) {
  return document.querySelector(`article[data-message-id="${CSS.escape(id)}"]`);
}

/** Show this message, give it the focus, and mark it for a moment. */
export function jumpTo(id) {
  const article = messageOf(id);
  const scroller = document.querySelector("thread-scroller");
  if (!article) return miss(scroller);
  scroller.show(article);
  article.tabIndex = -1;
  article.focus({ preventScroll: true });
  mark(article);
}

/** It is on another branch, which <show-message> brings, or nowhere. */
function miss(scroller) {
  scroller.follow();
  if (document.querySelector("show-message")) loaded(() => import("./show-message.js"));
  else notify(text("message-gone"));
}

/** Give a message a tint that fades; for who wants no motion it goes at once when its time is over. */
export function mark(article) {
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
