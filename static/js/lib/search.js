// Asking the server what was said where. Only the newest question gets its answer.

/** Why a question has no answer: an error whose `isSignedOut` says whether the session has ended. */
export class SearchError extends Error {
  constructor(isSignedOut) {
    super("the search was not answered");
    this.isSignedOut = isSignedOut;
  }
}

export class Search {
  #newest = null;

  /** The HTML of what is found, or null where a newer question was asked meanwhile. Throws SearchError. */
  async ask(fields) {
    this.forget();
    const asked = new AbortController();
    this.#newest = asked;
    try {
      const html = await answer(fields, asked.signal);
      return this.#newest === asked ? html : null;
    } catch (error) {
      if (this.#newest !== asked) return null;
      throw error instanceof SearchError ? error : new SearchError(false);
    }
  }

  /** Want no answer to what was asked. */
  forget() {
    this.#newest?.abort();
    this.#newest = null;
  }
}

async function answer(fields, signal) {
  const query = String(new URLSearchParams(fields)).replaceAll("%00", ""); // no text holds it, and no address may
  const response = await fetch(`/search/?${query}`, { redirect: "manual", signal });
  // the only redirect leads to the sign-in
  if (!response.ok) throw new SearchError(response.type === "opaqueredirect");
  return response.text();
}
