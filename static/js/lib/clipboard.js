// Copying, in the ways that browsers allow.

/** Put text, or a promise of it, on the clipboard. Returns whether that worked. */
export async function copy(words) {
  try {
    if (navigator.clipboard?.write) await writeNow(Promise.resolve(words));
    else copySelection(await words);
    return true;
  } catch {
    return false;
  }
}

/** The key of the sentence that says why `copy` did not work with these words, or with the promise of them. */
export async function whyNotCopied(words) {
  return Promise.resolve(words).then(
    () => "copy-failed",
    () => "not-loaded",
  );
}

// Safari takes a promise only inside the item, within the click that asked for it.
function writeNow(words) {
  const blob = words.then((value) => new Blob([value], { type: "text/plain" }));
  blob.catch(() => {}); // `write` fails too, and says so
  return navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
}

// The clipboard API is missing where the chat is served without https.
function copySelection(words) {
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
