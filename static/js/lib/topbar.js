// The parts of the top bar that tell what the next message goes to: fetched again when that has changed.

import { fetchPage } from "./http.js";

const PARTS = ["[data-next-model]", "[data-model-notice]"];

/** Show the settings that a conversation has now. Where they do not come, the page stays as it is. */
export async function refreshTopbar(conversationId) {
  const fresh = await fetchPage(`/c/${conversationId}/topbar/`);
  if (!fresh) return;
  for (const part of PARTS) swap(document.querySelector(part), fresh.querySelector(part));
}

/** Put a fresh part in place of one that shows something else. What had the focus there has it again. */
function swap(shown, fresh) {
  if (!shown || !fresh || shown.isEqualNode(fresh)) return;
  const { command } = shown.contains(document.activeElement) ? document.activeElement.dataset : {};
  shown.replaceWith(fresh);
  if (command) (fresh.querySelector(`[data-command="${command}"]`) ?? modelButton()).focus();
}

function modelButton() {
  return document.querySelector("[data-next-model] [role=combobox]");
}
