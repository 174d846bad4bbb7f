// Requests of the page of an item: what became of them, in a word.

import { answer, csrfHeaders, FORBIDDEN, renewToken } from "./http.js";

const SERVER_ERROR = 500;
const MOST_KEPT_ALIVE = 60_000; // browsers send no more for a page that has gone

/** POST JSON. See `sendForm`. */
export function send(url, value) {
  const body = JSON.stringify(value);
  const headers = { "Content-Type": "application/json" };
  return request(url, { body, headers, keepalive: body.length < MOST_KEPT_ALIVE });
}

/**
 * POST a form. Returns {word, status, data}: "done", "offline" where nothing has answered that could do it, "signed-out",
 * or "refused" with what the server says.
 */
export function sendForm(url, fields) {
  return request(url, { body: new URLSearchParams(fields), headers: {} });
}

/** What became of it as a word for a keeper: where the server refuses, what it says. */
export function wordOf({ word, data }) {
  if (word === "done") return "saved";
  return word === "refused" ? (data.message ?? word) : word;
}

async function request(url, options) {
  const go = () => {
    const headers = { ...csrfHeaders(), Accept: "application/json", ...options.headers };
    return answer(url, { ...options, method: "POST", headers });
  };
  let response = await go();
  if (response?.status === FORBIDDEN && (await renewToken())) response = await go();
  if (!response) return { word: "offline", data: {} };
  const { type, status, ok } = response;
  if (type === "opaqueredirect" || status === FORBIDDEN) return { word: "signed-out", status, data: {} };
  const data = await dataOf(response);
  if (ok) return { word: "done", status, data };
  return { word: status >= SERVER_ERROR ? "offline" : "refused", status, data };
}

async function dataOf(response) {
  try {
    const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
    return isJson ? await response.json() : { html: await response.text() };
  } catch {
    return {};
  }
}
