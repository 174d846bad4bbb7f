// What was typed, kept by the browser for the person who typed it. A draft, not yet taken by the server, is
// {text, images, sent}, where `sent` is a submit that was not confirmed, with its ids.

const SOUGHT = "sought";

/**
 * Where the draft of a conversation lies; all new chats share one place. Each person has drafts of their own, as
 * several may use the same browser. Takes the data of <chat-conversation>.
 */
export function draftKey({ person, conversationId, saved }) {
  return `draft:${person}:${saved === undefined ? "new" : conversationId}`;
}

/** The draft, or null. */
export function readDraft(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

export function writeDraft(key, draft) {
  try {
    if (draft.text || draft.images.length) localStorage.setItem(key, JSON.stringify(draft));
    else localStorage.removeItem(key);
  } catch {
    // storage is full or forbidden: the text stays in the box, which is what matters most
  }
}

export function forgetDraft(key) {
  writeDraft(key, { text: "", images: [] });
}

/** A conversation got its own key. */
export function moveDraft(from, to) {
  const draft = readDraft(from);
  forgetDraft(from);
  if (draft) writeDraft(to, draft);
}

/** What this person searches for in this tab, or null. */
export function readSought(person) {
  const sought = JSON.parse(sessionStorage.getItem(SOUGHT));
  return sought?.person === person ? sought.fields : null;
}

export function keepSought(person, fields) {
  sessionStorage.setItem(SOUGHT, JSON.stringify({ person, fields }));
}

/** For whoever signs out. */
export function forgetSought() {
  sessionStorage.removeItem(SOUGHT);
}
