// What every part of the page shares: texts, the live region, the clipboard, requests, what is remembered.

const texts = document.querySelector("#texts").content;
const announcer = document.querySelector("[data-announcer]");

/** A text of this page in its language; `{name}` takes the value of that name. */
export function text(key, values = {}) {
  const found = texts.querySelector(`[data-text="${key}"]`).textContent;
  return found.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Tell screen readers. The same words twice are announced twice. */
export function announce(words) {
  announcer.textContent = "";
  setTimeout(() => {
    announcer.textContent = words;
  }, 50);
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** Keep a choice where the server sees it at the next page. Without `days` it lasts for the session. */
export function remember(name, value, days) {
  const age = days ? `; max-age=${days * 86400}` : "";
  document.cookie = `${name}=${value}; path=/; samesite=lax${age}`;
}

/**
 * What was typed and not yet taken by the server, or null: {text, images, sent}, where `sent` holds the
 * ids of a submit that was not confirmed.
 */
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

const csrfToken = document.querySelector("meta[name=csrf-token]").content;

export const csrfHeader = { "X-CSRFToken": csrfToken };

/** POST form fields; false where the server did not do it. */
export async function post(url, fields = {}) {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: csrfHeader,
      body: new URLSearchParams(fields),
      redirect: "error",
    });
    return response.ok;
  } catch {
    return false;
  }
}

/** What a person typed, without what no text can hold: halves of an emoji, and NULs. */
export const sendable = (words) => (words.toWellFormed?.() ?? words).replaceAll("\0", "").trim();

/** A fresh UUID; `crypto.randomUUID` is missing where the chat is served without https. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Put text, or a promise of it, on the clipboard and say so. Returns whether that worked. */
export async function copy(words) {
  try {
    if (navigator.clipboard?.write) await copyNow(Promise.resolve(words));
    else copyBySelection(await words);
    announce(text("copied"));
    return true;
  } catch {
    return false;
  }
}

// Safari takes a promise only inside the item, within the click that asked for it.
function copyNow(words) {
  const blob = words.then((value) => new Blob([value], { type: "text/plain" }));
  return navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
}

// The clipboard API is missing where the chat is served without https.
function copyBySelection(words) {
  const area = document.createElement("textarea");
  area.value = words;
  area.className = "sr-only";
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  focused?.focus();
  if (!isCopied) throw new Error("the browser refused to copy");
}

/** The page at this address, or null: not there, not reached, or no longer signed in. */
export async function fetchPage(url) {
  try {
    const response = await fetch(url, { redirect: "error" });
    return response.ok ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
  } catch {
    return null;
  }
}

export const prefersStillness = matchMedia("(prefers-reduced-motion: reduce)");

function startTheme() {
  document.querySelector("[data-theme-choice]").addEventListener("change", (event) => {
    const theme = event.target.value;
    remember("theme", theme, 365);
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  });
}

function startSidebarToggles() {
  const toggles = [...document.querySelectorAll("[data-sidebar-toggle]")];
  for (const toggle of toggles) {
    toggle.addEventListener("click", () => {
      const isClosed = document.documentElement.dataset.sidebar === "closed";
      document.documentElement.dataset.sidebar = isClosed ? "open" : "closed";
      remember("sidebar", isClosed ? "open" : "closed", 365);
      toggles.find((other) => other !== toggle).focus();
    });
  }
  // a drawer that is open in the top layer has no place beside a wide page
  matchMedia("(min-width: 56rem)").addEventListener("change", () => {
    document.querySelector("#sidebar").hidePopover();
  });
}

function startNotices() {
  document.querySelector("[data-demo-dismiss]")?.addEventListener("click", () => {
    remember("demo_notice", "hidden");
    document.querySelector("[data-demo-notice]").remove();
    document.querySelector("[data-message]").focus();
  });
}

/** Theme, sidebar and notices: what works the same on any page. */
export function startPage() {
  startTheme();
  startSidebarToggles();
  startNotices();
}
