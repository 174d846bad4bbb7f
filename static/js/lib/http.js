// Requests beside the socket.

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;

/** The headers that Django asks for where a request changes something. */
export function csrfHeaders() {
  return { "X-CSRFToken": document.querySelector("meta[name=csrf-token]")?.content ?? "" };
}

/** POST form fields. Returns whether the server did what was asked. */
export async function post(url, fields = {}) {
  const body = new URLSearchParams(fields);
  return (await request(url, { method: "POST", headers: csrfHeaders(), body })) !== null;
}

/** The text at this address, or null: not there, not reached, or no longer signed in. */
export async function fetchText(url) {
  return (await request(url))?.text() ?? null;
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

/** The answer if it is a good one, else null. A redirect leads to the sign-in, so it is none. */
async function request(url, options = {}) {
  try {
    const response = await fetch(url, { redirect: "error", ...options });
    return response.ok ? response : null;
  } catch {
    return null;
  }
}
