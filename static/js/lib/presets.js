// Presets: which there are, and what is asked of the server about them.

import { fetchText } from "./http.js";
import { postJson, saved } from "./settings.js";
import { text } from "./strings.js";

const conversation = () => document.querySelector("chat-conversation");

/** All presets that the person may use, as {id, name, is_shared, variables}; null where they did not come. */
export async function allPresets() {
  const json = await fetchText("/presets/");
  return json && JSON.parse(json).presets;
}

/** Give the open conversation the settings of a preset. Rejects with a sentence. */
export async function usePreset(id, variables = {}) {
  await saved().catch(() => {}); // what is used takes its place
  const { conversationId: conversation_id } = conversation().dataset;
  const answer = await asked(`/presets/${id}/use/`, { conversation_id, variables });
  conversation().keep();
  await conversation().settingsChanged();
  return answer;
}

/** Save the settings of the open conversation as a preset. Rejects with {code, message}. */
export async function savePreset(name, { overwrites = false } = {}) {
  await saved();
  const { conversationId: conversation_id } = conversation().dataset;
  return asked("/presets/", { conversation_id, name, overwrites });
}

export function renamePreset(id, name) {
  return asked(`/presets/${id}/rename/`, { name });
}

export function deletePreset(id) {
  return asked(`/presets/${id}/delete/`, {});
}

async function asked(url, body) {
  const response = await postJson(url, body);
  const answer = await response?.json().catch(() => null);
  if (!response?.ok) throw answer?.message ? answer : { message: text("request-failed") };
  return answer;
}
