// The settings of the open conversation: saved as soon as they are chosen, and told to its page.

import { csrfHeaders, FORBIDDEN, fetchPage, renewToken } from "./http.js";
import { text } from "./strings.js";

const PAUSE_MS = 150; // what is typed in one go is saved together
const MAX_KEPT_ALIVE = 60_000; // bytes; browsers refuse that a longer request outlives its page

let change = null; // what is not saved yet
let next = null; // the promise of the request that will save it
let last = Promise.resolve(); // that of the request before

/**
 * Save {language_model_id, system_prompt, parameters: {name: value}}, of which what is not named stays. Returns the
 * server's answer {model, takes_images, is_default, errors}. Rejects with a sentence where it was not saved.
 */
export function saveSettings(added, { isTyped = false } = {}) {
  change = merged(change, added);
  return begin(isTyped ? PAUSE_MS : 0);
}

/**
 * Resolves when everything is saved that was chosen up to now, and rejects where it was not: what failed before is
 * tried again.
 */
export function saved() {
  return change ? begin(0) : last;
}

function begin(pause) {
  if (next) return next;
  const conversation = document.querySelector("chat-conversation");
  conversation.settingsSaved = saved;
  const request = settled(last)
    .then(() => new Promise((resolve) => setTimeout(resolve, pause)))
    .then(() => {
      const body = change;
      change = next = null;
      if (!body) return { errors: {} }; // the page is left, and has sent it
      last = request;
      return send(conversation, body);
    });
  settled(request);
  next = request;
  return request;
}

// whoever leaves the page at once has chosen it all the same
addEventListener("pagehide", () => {
  if (!change) return;
  const body = change;
  change = null;
  settled(send(document.querySelector("chat-conversation"), body));
});

/** A promise that does not reject: that something was not saved is told to whoever asked for it. */
function settled(promise) {
  return promise.catch(() => {});
}

async function send(conversation, body) {
  const response = await postJson(`/c/${conversation.dataset.conversationId}/settings/`, body);
  if (response?.ok) {
    conversation.keep();
    return response.json();
  }
  change = merged(body, change); // by the next one
  throw { message: text("settings-not-saved") };
}

function merged(before, after) {
  const parameters = { ...before?.parameters, ...after?.parameters };
  return { ...before, ...after, ...(Object.keys(parameters).length && { parameters }) };
}

/** POST a JSON object. Returns the answer, null where there is none. */
export async function postJson(url, body) {
  const json = JSON.stringify(body);
  const once = () =>
    fetch(url, {
      method: "POST",
      redirect: "manual",
      keepalive: new Blob([json]).size < MAX_KEPT_ALIVE,
      headers: { ...csrfHeaders(), "Content-Type": "application/json" },
      body: json,
    }).catch(() => null);
  let response = await once();
  if (response?.status === FORBIDDEN && (await renewToken())) response = await once();
  return response;
}

/** Show model and settings in the top bar, and what there is to know of them, as they are now. */
export async function refreshTopbar(conversation) {
  const fresh = await fetchPage(`/c/${conversation.dataset.conversationId}/topbar/`);
  for (const after of fresh?.querySelectorAll("[data-kept-up]") ?? []) {
    const before = conversation.querySelector(`[data-kept-up="${after.dataset.keptUp}"]`);
    if (!before.isEqualNode(after)) replace(before, after, conversation);
  }
}

/** Put a fresh part in place. What had the focus there has it again, or else the name of the model. */
function replace(before, after, conversation) {
  const focused = before.contains(document.activeElement) && document.activeElement.dataset.command;
  before.replaceWith(after);
  if (!focused) return;
  const again = after.querySelector(`[data-command="${focused}"]`);
  (again ?? conversation.querySelector('[data-command="model.choose"]')).focus();
}
