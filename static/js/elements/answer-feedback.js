// What a person thinks of an answer: the two thumbs below it, and the panel in which they say why it is bad.

import { announce } from "../lib/announce.js";
import { elementsFrom } from "../lib/blocks.js";
import { fetchText, posted } from "../lib/http.js";
import "../lib/later-style.js";
import { text } from "../lib/strings.js";
import { notify } from "./toast-list.js";

const TOO_MUCH = 429;
const BAD_REQUEST = 400;
const MARK = /^answer\./;
const saving = new Map(); // by the id of the answer: {last, count, saved}, while something of it is being saved

/** One of the thumbs was pressed. "Bad answer" shows again what was said before, the other mark is taken back. */
export async function press(button) {
  const article = button.closest("[data-message-id]");
  const mark = button.dataset.command.replace(MARK, "");
  const wasPressed = button.ariaPressed === "true";
  if (wasPressed && mark === "bad") return showOrClose(article);
  panelOf(article)?.remove();
  await change(article, wasPressed ? "" : mark);
}

/** Another tab, or this one, has marked an answer. */
export function takeMark({ message_id: messageId, mark }) {
  const article = find(messageId);
  if (!article || saving.has(messageId)) return; // what was pressed here since is saved after that
  show(article, mark);
  if (mark !== "bad") panelOf(article)?.remove();
}

class AnswerFeedback extends HTMLElement {
  #life;

  connectedCallback() {
    this.#life = new AbortController();
    // Escape on the thumb closes it too
    this.parentElement.addEventListener("keydown", (event) => this.#escaped(event), {
      signal: this.#life.signal,
    });
    this.addEventListener("submit", (event) => this.#submitted(event));
    this.addEventListener("input", (event) => event.stopPropagation()); // it is no question
    this.addEventListener("keydown", (event) => this.#pressed(event));
    this.addEventListener("click", ({ target }) => {
      if (target.closest("[data-close]")) this.close();
      if (target.closest("[data-remove]")) this.#takeBack();
    });
  }

  disconnectedCallback() {
    this.#life.abort();
  }

  /** Whether something was said here. */
  get isFilled() {
    return this.querySelector(":checked") !== null || this.querySelector("textarea").value.trim() !== "";
  }

  /** The focus goes back to the thumb, unless it is elsewhere. */
  close() {
    const hasFocus = this.contains(document.activeElement);
    const button = this.closest("[data-message-id]").querySelector('[data-command="answer.bad"]');
    this.remove();
    if (hasFocus) button?.focus();
  }

  #escaped(event) {
    if (event.key !== "Escape" || event.isComposing || event.keyCode === 229) return;
    if (event.target.closest("[popover]")) return; // which it closes
    event.preventDefault(); // it would stop the answer that runs
    this.close();
  }

  #pressed(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    this.querySelector("form").requestSubmit();
  }

  async #submitted(event) {
    event.preventDefault();
    const article = this.closest("[data-message-id]");
    const fields = [["mark", "bad"], ...new FormData(event.target)];
    const { problem } = await save(article.dataset.messageId, fields, markOf(article));
    if (problem === null) {
      show(find(article.dataset.messageId) ?? article, "bad");
      this.close();
      notify(this.dataset.thanks);
    } else this.#tell(problem);
  }

  #takeBack() {
    const article = this.closest("[data-message-id]");
    this.close();
    change(article, "");
  }

  #tell(problem) {
    const place = this.querySelector("[data-problem]");
    place.textContent = problem;
    place.hidden = false;
  }
}

/** A mark is shown at once, and taken back where it cannot be saved. */
async function change(article, mark) {
  const { messageId } = article.dataset;
  const before = markOf(article);
  show(article, mark);
  const opening = mark === "bad" ? open(messageId) : null;
  const { isLast, saved, problem } = await save(messageId, { mark }, before);
  await opening;
  if (problem === null || !isLast) return;
  const shown = find(messageId);
  if (shown) show(shown, saved);
  const panel = shown && panelOf(shown);
  if (panel && !panel.isFilled) panel.close();
  notify(problem);
}

async function showOrClose(article) {
  const panel = panelOf(article);
  if (panel) panel.close();
  else if (!(await open(article.dataset.messageId))) notify(text("request-failed"));
}

/** Show the panel below the answer; nothing waits for it, and the focus stays where it is. Returns whether it came. */
async function open(messageId) {
  const html = await fetchText(`/messages/${messageId}/feedback/panel/`);
  const article = find(messageId);
  if (html === null) return false;
  if (!article || markOf(article) !== "bad" || panelOf(article)) return true;
  const [panel] = elementsFrom(html);
  article.querySelector("[data-footer]").append(panel);
  panel.scrollIntoView({ block: "nearest" });
  announce(panel.querySelector("legend").textContent);
  return true;
}

/**
 * Save something of an answer after what was to be saved before. `problem` is a sentence, or null where that is done;
 * `isLast` says that nothing follows, and `saved` which mark the server has then.
 */
async function save(messageId, fields, before) {
  const state = saving.get(messageId) ?? { last: null, count: 0, saved: before };
  saving.set(messageId, state);
  state.count += 1;
  const turn = Promise.resolve(state.last).then(() => posted(`/messages/${messageId}/feedback/`, fields));
  state.last = turn;
  const response = await turn;
  state.count -= 1;
  if (response?.ok) state.saved = new URLSearchParams(fields).get("mark");
  const isLast = state.count === 0;
  if (isLast) saving.delete(messageId);
  return { isLast, saved: state.saved, problem: response?.ok ? null : await sentenceOf(response) };
}

/** What the server says, where it refuses with a sentence. */
function sentenceOf(response) {
  const isSaid = [BAD_REQUEST, TOO_MUCH].includes(response?.status);
  return isSaid ? response.text() : text("request-failed");
}

function find(messageId) {
  return document.querySelector("chat-thread").find(messageId);
}

function panelOf(article) {
  return article.querySelector("answer-feedback");
}

function thumbsOf(article) {
  return [...article.querySelectorAll('[data-command^="answer."][aria-pressed]')];
}

function markOf(article) {
  const pressed = thumbsOf(article).find(({ ariaPressed }) => ariaPressed === "true");
  return pressed?.dataset.command.replace(MARK, "") ?? "";
}

function show(article, mark) {
  for (const thumb of thumbsOf(article)) thumb.ariaPressed = thumb.dataset.command === `answer.${mark}`;
}

customElements.define("answer-feedback", AnswerFeedback);
