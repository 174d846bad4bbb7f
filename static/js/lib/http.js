// Requests beside the socket.

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
export const FORBIDDEN = 403;

/** The headers that Django asks for where a request changes something. */
export function csrfHeaders() {
  return { "X-CSRFToken": document.querySelector("meta[name=csrf-token]")?.content ?? "" };
}

/**
 * Fetch that token anew, which is no longer valid where the person has signed in again, in another tab. Returns false
 * where this page's person is not signed in.
 */
export async function renewToken() {
  const fresh = await fetchPage("/");
  const personOf = (page) => page.querySelector("[data-person]")?.dataset.person;
  if (!fresh || personOf(fresh) !== personOf(document)) return false;
  const token = (page) => page.querySelector("meta[name=csrf-token]");
  token(document).content = token(fresh).content;
  return true;
}

/** POST form fields. Returns the answer, or null where the server did not do what was asked. */
export async function post(url, fields = {}) {
  const response = await posted(url, fields);
  return response?.ok ? response : null;
}

/** POST form fields. Returns the answer, also one that refuses; null where there is none. */
export async function posted(url, fields) {
  const send = () =>
    answer(url, { method: "POST", headers: csrfHeaders(), body: new URLSearchParams(fields) });
  const response = await send();
  return response?.status === FORBIDDEN && (await renewToken()) ? send() : response;
}

/** The text at this address, or null: not there, not reached, or no longer signed in. */
export async function fetchText(url) {
  const response = await answer(url);
  return response?.ok ? response.text() : null;
}

/** The page at this address as a document, or null. */
export async function fetchPage(url) {
  const html = await fetchText(url);
  return html === null ? null : new DOMParser().parseFromString(html, "text/html");
}

/**
 * What `load` imports. A part of the page that is on its way when the connection is lost is asked for again until it
 * comes: what happened on the page is still to be shown.
 */
export async function loaded(load, pause = FIRST_PAUSE_MS) {
  try {
    return await load();
  } catch {
    await new Promise((resolve) => setTimeout(resolve, pause));
    return loaded(load, Math.min(2 * pause, LONGEST_PAUSE_MS));
  }
}

/** The answer, null where there is none. A redirect leads to the sign-in, and is not followed. */
export async function answer(url, options = {}) {
  try {
    return await fetch(url, { redirect: "manual", ...options });
  } catch {
    return null;
  }
}
