// A transcript that has grown: what came is put in its place, and all that is the same stays as it is.

/** Make the children of `thread` those of `html`. A child is known by its id or its `data-key`. */
export function mergeInto(thread, html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const old = new Map([...thread.children].map((child) => [keyOf(child), child]));
  let place = thread.firstElementChild;
  for (const child of [...fresh.content.children]) {
    const there = old.get(keyOf(child));
    const isSame = there && versionOf(there) === versionOf(child);
    old.delete(keyOf(child));
    if (there && !isSame) {
      takeOver(there, child);
      there.replaceWith(child);
      if (there === place) place = child;
    }
    const next = isSame ? there : child;
    if (next === place) place = place.nextElementSibling;
    else thread.insertBefore(next, place);
  }
  for (const gone of old.values()) gone.remove();
}

function keyOf(child) {
  return child.dataset.key ?? (child.id || child.textContent);
}

/** What changes when a message does. The notes of a reviewer are theirs: the page has the newest. */
function versionOf(child) {
  if (child.matches("review-notes")) return "notes";
  const messages = [child, ...child.querySelectorAll("[data-message-id]")];
  return messages.map(({ dataset: { revision, status } }) => `${revision} ${status}`).join();
}

/** What somebody has opened stays open. */
function takeOver(old, child) {
  const opened = [...old.querySelectorAll("details")];
  if (old.matches("details")) child.open = old.open;
  [...child.querySelectorAll("details")].forEach((details, index) => {
    if (opened[index]?.open) details.open = true;
  });
  for (const { dataset } of old.querySelectorAll("[data-image][data-wanted]")) {
    const tile = child.querySelector(`[data-image="${dataset.image}"]`);
    if (tile) tile.dataset.wanted = "";
  }
}
