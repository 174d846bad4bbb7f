// The dialogs of templates/_dialogs.html. They are fetched, with their style and sentences, when one of them is first
// opened.

import { fetchPage } from "./http.js";

let ready = null;

/** Show the dialog in this element modally; one of these that is open makes room for it. */
export async function show(name) {
  await fetchDialogs();
  const element = document.querySelector(name);
  const dialog = element.querySelector("dialog");
  if (dialog.open) return element;
  document.querySelector(".tool[open]")?.close();
  dialog.showModal();
  return element;
}

/** Fetch them, and the sentences that come with them, if that is not done yet. */
export async function fetchDialogs() {
  ready ??= insert();
  try {
    await ready;
  } catch (error) {
    ready = null; // the next time it is tried again
    throw error;
  }
}

async function insert() {
  const page = await fetchPage("/dialogs/");
  if (!page) throw new Error("the dialogs did not come");
  await styled(page.querySelector("link"));
  document.querySelector("#texts")?.content.append(page.querySelector("#dialog-texts").content);
  for (const dialog of page.querySelectorAll("dialog")) {
    live(dialog);
    document.body.append(dialog.parentElement);
  }
}

function styled(link) {
  document.head.append(link);
  return new Promise((resolve, reject) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => {
      link.remove();
      reject(new Error("the style of the dialogs did not come"));
    });
  });
}

function live(dialog) {
  // said here too: in a search field some browsers take Escape for emptying it
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    dialog.close();
  });
  closeBesides(dialog);
  dialog.addEventListener("close", () => refocus());
}

/** A click beside the dialog closes it, but not one that began in it: such as words marked with the mouse. */
function closeBesides(dialog) {
  let began = false;
  const isBeside = ({ target, clientX: x, clientY: y }) => {
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    return target === dialog && (x < left || x > right || y < top || y > bottom);
  };
  dialog.addEventListener("pointerdown", (event) => {
    began = isBeside(event);
  });
  dialog.addEventListener("click", (event) => {
    if (began && isBeside(event)) dialog.close();
  });
}

/** The browser gives the focus back, except to a button in a drawer that has closed meanwhile. */
function refocus() {
  const { activeElement, body } = document;
  if (document.querySelector("dialog[open]") || (activeElement !== body && isShown(activeElement))) return;
  const buttons = [...document.querySelectorAll('[data-command="search.open"]')];
  buttons.find(isShown)?.focus();
}

function isShown(element) {
  return element.checkVisibility({ visibilityProperty: true });
}
