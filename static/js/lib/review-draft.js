// A review that was begun and not saved, kept by the browser: {verdict, note}. Each reviewer has drafts of their own.

import { forgetLocal, writeLocal } from "./local-texts.js";

/** Where the draft of this reviewer for this conversation lies. */
export function reviewDraftKey(reviewer, conversationId) {
  return `review-draft:${reviewer}:${conversationId}`;
}

/** Keep the draft; one that says nothing is forgotten. */
export function writeReviewDraft(key, { verdict, note }) {
  if (verdict || note) writeLocal(key, { verdict, note });
  else forgetLocal(key);
}
