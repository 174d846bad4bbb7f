// A review that was begun and not saved, kept by the browser: {verdict, note}. Each reviewer has drafts of their own.

/** Where the draft of this reviewer for this conversation lies. */
export function reviewDraftKey(reviewer, conversationId) {
  return `review-draft:${reviewer}:${conversationId}`;
}

/** The draft, or null. */
export function readReviewDraft(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

/** Keep the draft; one that says nothing is forgotten. */
export function writeReviewDraft(key, { verdict, note }) {
  try {
    if (verdict || note) localStorage.setItem(key, JSON.stringify({ verdict, note }));
    else localStorage.removeItem(key);
  } catch {
    // storage is full or forbidden: the note stays in its field as long as the page is open
  }
}

export function forgetReviewDraft(key) {
  writeReviewDraft(key, { verdict: "", note: "" });
}
