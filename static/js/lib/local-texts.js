// What was typed and is not on the server yet, kept by the browser until it is.

/** What is kept under this key, or null. */
export function readLocal(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

export function writeLocal(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // storage is full or forbidden: the text stays in its field as long as the page is open
  }
}

export function forgetLocal(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // forbidden: then there is nothing
  }
}

let isLeaving = false;

addEventListener("beforeunload", () => {
  isLeaving = true;
});

/** Forget what the server has now, and keep `others` of the same key. While the page is left all of it stays: the next
 * page may have been made before that. */
export function forgetSaved(key, others = {}) {
  if (isLeaving) return;
  if (Object.keys(others).length) writeLocal(key, others);
  else forgetLocal(key);
}

/** Whether two such texts say the same. */
export function isSame(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
