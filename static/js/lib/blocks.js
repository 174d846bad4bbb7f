// Turns HTML into elements, as only fetchPage of http.js does besides. All of it was rendered and sanitised by
// the server.

import { icon } from "./icons.js";
import { text } from "./strings.js";

// The HTML each block last got from this server; `keep` of a later frame counts in it.
const sources = new WeakMap();

/** The elements that `html` describes. */
export function elementsFrom(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  decorate(template.content);
  return [...template.content.children];
}

/** Show this HTML, and nothing else, in `element`. */
export function fill(element, html) {
  element.innerHTML = html;
}

/** Bring a reply to what a frame says. False: the frame builds on what this page never got. */
export function writeFrame(article, frame) {
  if (frame.type === "reply.thoughts") return writeThoughts(article, frame);
  const body = article.querySelector("[data-body]");
  if (frame.type !== "reply.append") return writeBlocks(body, frame);
  appendText(body, frame.text);
  return true;
}

function writeBlocks(body, { count, blocks }) {
  for (const [index, keep, html] of blocks) {
    const block = blockAt(body, index);
    const known = sources.get(block) ?? "";
    if (known.length < keep) return false;
    const source = known.slice(0, keep) + html;
    sources.set(block, source);
    block.innerHTML = source;
    decorate(block);
  }
  while (body.childElementCount > count) body.lastElementChild.remove();
  return true;
}

function blockAt(body, index) {
  while (body.childElementCount <= index) {
    const block = document.createElement("div");
    block.className = "block";
    block.dir = "auto";
    body.append(block);
  }
  return body.children[index];
}

// Add plain text at the insertion point, which the server has marked in the last block.
function appendText(body, words) {
  const point = body.lastElementChild.querySelector("[data-end]");
  if (point.previousSibling?.nodeType === Node.TEXT_NODE) point.previousSibling.appendData(words);
  else point.before(words);
}

// Whoever has opened or closed thoughts keeps them so.
function writeThoughts(article, { label, is_open, text: words, ...frame }) {
  const details = article.querySelector("[data-thoughts]");
  const body = details?.querySelector("[data-thoughts-body]");
  if (!body || !writeBlocks(body, frame)) return false;
  if (words) appendText(body, words);
  const summary = details.querySelector("summary");
  summary.onclick ??= () => (details.dataset.touched = "");
  summary.querySelector("[data-label]").textContent = label;
  if (!("touched" in details.dataset)) details.open = is_open;
  return true;
}

/** What the server's HTML lacks: a copy button for each piece of code, and times by the reader's clock. */
export function decorate(root) {
  for (const time of root.querySelectorAll("time[datetime]")) localise(time);
  for (const code of root.querySelectorAll(".code")) {
    if (code.querySelector(".copy-code")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy-code";
    button.dataset.command = "code.copy";
    button.append(icon("copy"), text("copy-code"));
    code.prepend(button); // not at its end, where text is added
  }
}

function localise(time) {
  const at = new Date(time.dateTime);
  const isToday = at.toDateString() === new Date().toDateString();
  const { lang } = document.documentElement;
  const words = (options) => new Intl.DateTimeFormat(lang, options).format(at);
  time.textContent = words({ dateStyle: isToday ? undefined : "medium", timeStyle: "short" });
  time.title = words({ dateStyle: "full", timeStyle: "medium" });
}

/** Let what is too wide be scrolled sideways, by the keyboard too. */
export function makeScrollable(root) {
  for (const formula of root.querySelectorAll(".math-inline")) {
    formula.classList.remove("math-wide"); // or it would be measured as wide as its block
    const isWide = formula.getBoundingClientRect().width > formula.closest(".block").clientWidth;
    formula.classList.toggle("math-wide", isWide);
    if (isWide) formula.tabIndex = 0;
  }
  for (const element of root.querySelectorAll("pre, .block:has(> table), .block * > table, .math-display")) {
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
  }
}
