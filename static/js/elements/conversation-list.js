// The list of conversations: rename, delete with undo, older ones, and what other pages did to it.

import { post, text } from "../lib/page.js";
import { elementsFrom } from "../lib/blocks.js";
import { notify } from "./toast-list.js";

const list = document.querySelector("[data-conversations]");
const menu = document.querySelector("#conversation-menu");
const renameForm = document.querySelector("#rename-form").content.firstElementChild;

let chosen = null; // the item that the menu is open for

menu.addEventListener("toggle", ({ newState }) => {
  chosen?.querySelector("[data-conversation-menu]").setAttribute("aria-expanded", newState === "open");
});
menu.addEventListener("focusout", ({ relatedTarget }) => {
  if (relatedTarget && !menu.contains(relatedTarget)) menu.hidePopover();
});
menu.querySelector("[data-rename]").addEventListener("click", () => rename(chosen));
menu.querySelector("[data-delete]").addEventListener("click", () => deleteItem(chosen));
menu.addEventListener("keydown", (event) => {
  if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  const buttons = [...menu.querySelectorAll("button")];
  buttons.at((buttons.indexOf(document.activeElement) + 1) % buttons.length).focus();
});

/** A click on the menu button of an item, or on "Older conversations". */
export function act(door) {
  if ("older" in door.dataset) showOlder(door);
  else openMenu(door);
}

function openMenu(button) {
  chosen = button.closest("[data-conversation]");
  menu.showPopover();
  const { bottom, right } = button.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${Math.min(bottom, innerHeight - menu.offsetHeight - 8)}px`;
  menu.querySelector("button").focus();
}

function rename(item) {
  const link = item.querySelector("a");
  const form = renameForm.cloneNode(true);
  const input = form.elements.title;
  menu.hidePopover();
  input.value = link.textContent;
  item.classList.add("is-renamed");
  link.before(form);
  input.select();
  let isOver = false; // to remove a field that has the focus blurs it, which would save once more
  const finish = (title) => {
    if (isOver) return;
    isOver = true;
    item.classList.remove("is-renamed");
    form.remove();
    link.focus();
    if (title && title !== link.textContent) saveTitle(item, link, title);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    finish(input.value.trim());
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault(); // or it would stop the answer
    finish("");
  });
  input.addEventListener("blur", () => finish(input.value.trim()));
}

async function saveTitle(item, link, title) {
  const before = link.textContent;
  link.textContent = title;
  if (await post(`/c/${item.dataset.conversation}/rename/`, { title })) return;
  link.textContent = before;
  notify(text("request-failed"));
}

async function deleteItem(item) {
  const { conversation: id } = item.dataset;
  const link = item.querySelector("a");
  const neighbour = item.nextElementSibling ?? item.previousElementSibling;
  menu.hidePopover();
  if (!(await post(`/c/${id}/delete/`))) notify(text("request-failed"));
  else if (link.ariaCurrent) leave(id, link.textContent);
  else {
    offerUndoOf(id, link.textContent);
    takeOut(item);
    neighbour?.querySelector("a").focus();
  }
}

/** The page of a deleted conversation makes room for a new chat, which offers to undo it. */
function leave(id, title) {
  if (sessionStorage.getItem("deleted")) return; // on its way already
  sessionStorage.setItem("deleted", JSON.stringify({ id, title }));
  location.assign("/");
}

export function offerUndo() {
  const { id, title } = JSON.parse(sessionStorage.getItem("deleted"));
  sessionStorage.removeItem("deleted");
  offerUndoOf(id, title, () => location.assign(`/c/${id}/`));
}

function offerUndoOf(id, title, restored = () => {}) {
  const undo = async () => {
    if (await post(`/c/${id}/restore/`)) restored();
    else notify(text("request-failed"));
  };
  notify(text("deleted", { title }), { label: text("undo"), action: undo, seconds: 12 });
}

/** Another page, or this one, deleted a conversation. */
export function removed({ conversation_id: id }, shownId) {
  const item = itemOf(id);
  if (id === shownId) leave(id, document.querySelector("[data-title]").textContent);
  else if (item) takeOut(item);
}

/** A conversation is new, has a new title or was written in: put its item where a fresh page has it. */
export function update({ conversation_id, html }, shownId) {
  const known = itemOf(conversation_id);
  if (known?.classList.contains("is-renamed")) return;
  const [item] = elementsFrom(html);
  const hadFocus = known?.contains(document.activeElement) ? document.activeElement.nodeName : null;
  if (known && known === chosen) chosen = item; // its menu may be open
  if (conversation_id === shownId) item.querySelector("a").ariaCurrent = "page";
  if (known && known.dataset.updated === item.dataset.updated) known.replaceWith(item);
  else {
    if (known) takeOut(known);
    place(item);
  }
  if (hadFocus) item.querySelector(hadFocus).focus();
}

function place(item) {
  const isOlder = (other) => Number(other.dataset.updated) < Number(item.dataset.updated);
  const isToday = new Date(item.dataset.updated * 1000).toDateString() === new Date().toDateString();
  const items = [...(isToday ? today() : list).querySelectorAll("[data-conversation]")];
  const next = items.find(isOlder);
  if (next) next.before(item);
  else if (isToday) today().querySelector("ul").append(item);
  else if (!list.querySelector("[data-older]")) [...list.querySelectorAll("ul")].at(-1)?.append(item);
}

function today() {
  const [section] = document.querySelector("#today").content.cloneNode(true).children;
  const first = list.querySelector("[data-day]");
  if (first?.dataset.day === section.dataset.day) return first;
  list.prepend(section);
  return section;
}

function itemOf(id) {
  return list.querySelector(`[data-conversation="${CSS.escape(id)}"]`);
}

function takeOut(item) {
  const day = item.closest("[data-day]");
  item.remove();
  if (!day?.querySelector("[data-conversation]")) day?.remove();
}

async function showOlder(door) {
  const response = await fetch(door.href).catch(() => null);
  if (!response?.ok || response.redirected) return void notify(text("request-failed"));
  const fresh = elementsFrom(await response.text());
  const first = fresh[0]?.querySelector("a");
  for (const element of fresh) {
    const last = [...list.querySelectorAll("[data-day]")].at(-1);
    if (element.dataset.day && last?.dataset.day === element.dataset.day) {
      last.querySelector("ul").append(...element.querySelectorAll("[data-conversation]"));
    } else door.before(element);
  }
  door.remove();
  first?.focus();
}
