// What was typed, kept by the browser for the person who typed it. A draft, not yet taken by the server, is
// {text, images, choices, sent}, where `sent` is a submit that was not confirmed, with its ids.

// The browser keeps one draft at each place, which outlives its tab. Where that is another tab's, this one keeps its own in
// its session: no tab takes away what was typed in another.

const SOUGHT = "sought";
const known = new Map(); // what this tab has taken from, or written to, each place of the browser

/**
 * Where the draft of a conversation lies; all new chats share one place. Each person has drafts of their own, as
 * several may use the same browser. Takes the data of <chat-conversation>.
 */
export function draftKey({ person, conversationId, saved }) {
  return `draft:${person}:${saved === undefined ? "new" : conversationId}`;
}

/** Where a question lies that is being edited: a draft too. */
export function editKey({ person }, messageId) {
  return `edit:${person}:${messageId}`;
}

/** The draft of this tab, else the one that the browser has, or null. */
export function readDraft(key) {
  try {
    const own = sessionStorage.getItem(key);
    if (own === null) known.set(key, localStorage.getItem(key));
    return JSON.parse(own ?? known.get(key));
  } catch {
    return null;
  }
}

/**
 * What a draft has chosen about its pictures, as the field of a command (docs/protocol.md), to be spread into it: nothing
 * where all is as usual.
 */
export function choicesField({ images, choices = {} }) {
  const attachments = images
    .filter(({ choice = {} }) => Object.keys(choice).length)
    .map(({ id, choice }) => ({ image_id: id, ...choice }));
  const chosen = { ...choices, ...(attachments.length ? { attachments } : {}) };
  return Object.keys(chosen).length ? { choices: chosen } : {};
}

/** Keep a draft; one without words and pictures is none. */
export function writeDraft(key, draft) {
  const stored = draft.text || draft.images.length ? JSON.stringify(draft) : null;
  try {
    const isOfAnotherTab = ![null, known.get(key)].includes(localStorage.getItem(key));
    store(sessionStorage, key, isOfAnotherTab ? stored : null);
    if (isOfAnotherTab) return;
    store(localStorage, key, stored);
    known.set(key, stored);
  } catch {
    // storage is full or forbidden: the text stays in the box, which is what matters most
  }
}

/** Say whether this tab shows where this draft is written, so that it does again after a reload. */
export function showHere(key, isShown) {
  try {
    store(sessionStorage, `${key}:here`, isShown ? "" : null);
  } catch {
    // forbidden: after a reload it is to be opened again
  }
}

export function isShownHere(key) {
  try {
    return sessionStorage.getItem(`${key}:here`) !== null;
  } catch {
    return false;
  }
}

export function forgetDraft(key) {
  writeDraft(key, { text: "", images: [] });
}

/** A conversation got its own key, to which the draft of this tab goes. */
export function moveDraft(from, to) {
  const stored = sessionStorage.getItem(from) ?? known.get(from);
  forgetDraft(from);
  if (stored) writeDraft(to, JSON.parse(stored));
}

function store(storage, key, value) {
  if (value === null) storage.removeItem(key);
  else storage.setItem(key, value);
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
