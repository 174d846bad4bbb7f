// The live region of the page.

const PAUSE_MS = 50; // the same words twice are a change only when there was nothing between them

/** Tell screen readers. */
export function announce(words) {
  const announcer = document.querySelector("[data-announcer]");
  if (!announcer) return;
  announcer.textContent = "";
  setTimeout(() => {
    announcer.textContent = words;
  }, PAUSE_MS);
}
