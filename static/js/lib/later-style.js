// The style of what few people see at first, static/css/later.css. It is here when what imports this is.

const PAUSE_MS = 5000;

function fetchStyle() {
  const place = document.querySelector("[data-later-style]"); // the admin shows nothing of it
  if (!place) return Promise.resolve();
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = place.dataset.laterStyle;
  return new Promise((resolve, reject) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => {
      link.remove();
      reject(new Error("the later style did not come"));
    });
    document.head.append(link);
  });
}

// without it what imports this can still be used
const again = () => setTimeout(() => fetchStyle().catch(again), PAUSE_MS);
await fetchStyle().catch(again);
