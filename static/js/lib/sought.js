// What a tab has searched for, kept for its next page with the person whose it is. Who signs out takes it along: the
// scripts of the pages remove "sought", which is all that they need to know of it.

const SOUGHT = "sought";

/** What this person was searching for in this tab, or null. */
export function readSought(person) {
  const sought = JSON.parse(sessionStorage.getItem(SOUGHT));
  return sought?.person === person ? sought.fields : null;
}

export function keepSought(person, fields) {
  sessionStorage.setItem(SOUGHT, JSON.stringify({ person, fields }));
}
