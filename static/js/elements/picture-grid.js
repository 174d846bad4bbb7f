// One's pictures by day: older ones come as one scrolls, and many can be selected, to download or delete them.

import { fetchPage, post } from "../lib/http.js";
import { text } from "../lib/strings.js";
import { notify } from "./toast-list.js";

const NEAR = "100% 0px"; // a window before older ones are reached, they are asked for
const IDS_AT_ONCE = 500; // that are deleted by one request

/** Arrow keys move among the tiles, of which one is a tab stop; Space selects, Shift up to another one. */
class PictureGrid extends HTMLElement {
  #selected = new Set();
  #anchor = null; // the tile from which Shift selects
  #before = new Set(); // what was selected before that
  #near = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && this.#showOlder(), {
    rootMargin: NEAR,
  });

  connectedCallback() {
    this.addEventListener("click", this.#clicked);
    this.addEventListener("keydown", this.#keyPressed);
    this.addEventListener("focusin", ({ target }) => target.matches(".picture-tile") && this.#rove(target));
    this.#part("download-form").addEventListener("submit", () => {
      this.#part("ids").value = [...this.#selected].join();
    });
    this.#part("confirm").addEventListener("close", ({ target }) => {
      if (target.returnValue === "delete") this.#delete();
    });
    // what the browser has filled in when one comes back
    for (const box of this.querySelectorAll("[data-select]")) box.checked = false;
    this.#rove(this.#tiles[0]);
    this.#watchOlder();
  }

  clear() {
    this.#choose(new Set());
    this.#current?.focus();
  }

  confirmDeletion() {
    const dialog = this.#part("confirm");
    dialog.querySelector("h2").textContent = text("pictures-to-delete", { count: this.#selected.size });
    dialog.returnValue = "";
    dialog.showModal();
  }

  get #tiles() {
    return [...this.querySelectorAll(".picture-tile")];
  }

  get #current() {
    return this.querySelector(".picture-tile[tabindex='0']");
  }

  #part(name) {
    return this.querySelector(`[data-${name}]`);
  }

  /** Make this tile the one that the Tab key reaches. */
  #rove(tile) {
    if (!tile) return;
    for (const other of this.#tiles) other.tabIndex = other === tile ? 0 : -1;
  }

  #clicked(event) {
    const older = event.target.closest("[data-older]");
    if (older && !hasModifier(event)) {
      event.preventDefault();
      this.#showOlder();
      return;
    }
    const box = event.target.closest("[data-select]");
    const tile = event.target.closest(".picture-tile") ?? box?.closest("li").querySelector(".picture-tile");
    const isSelecting = box || event.shiftKey || this.#selected.size > 0;
    if (!tile || !isSelecting || event.ctrlKey || event.metaKey) return;
    event.stopPropagation(); // it is not opened
    if (!box) event.preventDefault();
    tile.focus({ preventScroll: true });
    if (event.shiftKey && this.#anchor) this.#extendTo(tile);
    else this.#toggle(tile);
  }

  #keyPressed(event) {
    const tile = event.target.closest(".picture-tile");
    if (event.key === "Escape" && this.#selected.size && !document.querySelector("dialog[open]")) {
      this.clear();
      event.preventDefault();
    } else if (tile) this.#keyPressedOn(tile, event);
  }

  #keyPressedOn(tile, event) {
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
    const isAll = (ctrlKey || metaKey) && key.toLowerCase() === "a";
    if (altKey || ((ctrlKey || metaKey) && !isAll)) return;
    const next = isAll ? null : this.#beside(tile, key);
    if (isAll) this.#choose(new Set(this.#tiles.map(idOf)));
    else if (key === " ") this.#toggle(tile);
    else if (next) this.#go(tile, next, shiftKey);
    else if (next === undefined) return;
    event.preventDefault();
  }

  #go(from, to, isExtending) {
    to.focus();
    if (!isExtending) return;
    if (!this.#anchor) this.#dropAnchor(from);
    this.#extendTo(to);
  }

  /** The tile that a key leads to, null where there is none; undefined for another key. */
  #beside(tile, key) {
    const tiles = this.#tiles;
    const index = tiles.indexOf(tile);
    const onwards = getComputedStyle(this).direction === "rtl" ? -1 : 1;
    const step = { ArrowRight: onwards, ArrowLeft: -onwards }[key];
    if (step) return tiles[index + step] ?? null;
    if (key === "ArrowDown") return inNextRow(tiles.slice(index));
    if (key === "ArrowUp") return inNextRow(tiles.slice(0, index + 1).reverse());
    return { Home: tiles[0], End: tiles.at(-1) }[key];
  }

  #toggle(tile) {
    const selected = new Set(this.#selected);
    if (!selected.delete(idOf(tile))) selected.add(idOf(tile));
    this.#choose(selected);
    this.#dropAnchor(tile);
  }

  #dropAnchor(tile) {
    this.#anchor = tile;
    this.#before = new Set(this.#selected);
  }

  /** Select all from the anchor to this tile, beside what was selected before. */
  #extendTo(tile) {
    const tiles = this.#tiles;
    const [first, last] = [tiles.indexOf(this.#anchor), tiles.indexOf(tile)].sort(
      (one, other) => one - other,
    );
    this.#choose(new Set([...this.#before, ...tiles.slice(first, last + 1).map(idOf)]));
  }

  #choose(selected) {
    this.#selected = selected;
    if (!selected.size) this.#anchor = null;
    for (const item of this.querySelectorAll("[data-picture]")) {
      item.querySelector("[data-select]").checked = selected.has(item.dataset.picture);
    }
    this.toggleAttribute("data-selecting", selected.size > 0);
    this.#part("bar").hidden = !selected.size;
    this.#part("count").textContent = text("pictures-selected", { count: selected.size });
  }

  async #delete() {
    const ids = [...this.#selected];
    const isDeleted = await this.#deleteOnServer(ids);
    if (!isDeleted) return notify(text("request-failed"));
    const next = this.#tiles.findLast((tile) => ids.includes(idOf(tile)))?.closest("li");
    const neighbour = this.#tileAfter(next, ids);
    for (const id of ids) this.querySelector(`[data-picture="${id}"]`)?.remove();
    for (const day of this.querySelectorAll("[data-day]:not(:has(li))")) day.remove();
    this.#choose(new Set());
    notify(text("pictures-deleted", { count: ids.length }));
    if (!this.#tiles.length) return location.reload(); // which says that there are none
    this.#rove(neighbour ?? this.#tiles.at(-1));
    this.#current.focus();
  }

  async #deleteOnServer(ids) {
    for (let start = 0; start < ids.length; start += IDS_AT_ONCE) {
      const some = ids.slice(start, start + IDS_AT_ONCE).join();
      if (!(await post(this.dataset.delete, { ids: some }))) return false;
    }
    return true;
  }

  /** The first tile after this item that stays. */
  #tileAfter(item, ids) {
    const tiles = this.#tiles;
    const index = tiles.findIndex((tile) => item?.contains(tile));
    return tiles.slice(index + 1).find((tile) => !ids.includes(idOf(tile)));
  }

  #watchOlder() {
    this.#near.disconnect();
    const older = this.#part("older");
    if (older) this.#near.observe(older);
  }

  /** Put the next page in the place of the link to it. */
  async #showOlder() {
    const link = this.#part("older");
    if (!link || link.ariaBusy === "true") return;
    link.ariaBusy = "true";
    const page = await fetchPage(link.href);
    link.ariaBusy = "false";
    if (!page) return notify(text("not-loaded"));
    const hadFocus = document.activeElement === link;
    const known = this.#tiles.length;
    link.parentElement.remove();
    for (const part of page.querySelector("[data-days]").children) this.#append(document.adoptNode(part));
    for (const tile of this.#tiles.slice(known)) tile.tabIndex = -1;
    if (hadFocus) this.#tiles[known]?.focus();
    this.#watchOlder();
  }

  /** A day may go on where the page before ended. */
  #append(part) {
    const same = part.dataset.day && this.querySelector(`[data-day="${part.dataset.day}"]`);
    if (same) same.querySelector("ul").append(...part.querySelectorAll("li"));
    else this.#part("days").append(part);
  }
}

function idOf(tile) {
  return tile.dataset.image;
}

/** Of tiles in their order, the one of the next row that is nearest to the first of them; null in the last row. */
function inNextRow([first, ...others]) {
  const { top, left } = first.getBoundingClientRect();
  const from = others.findIndex((tile) => tile.getBoundingClientRect().top !== top);
  if (from < 0) return null;
  const row = others[from].getBoundingClientRect().top;
  const inRow = [];
  for (const tile of others.slice(from)) {
    if (tile.getBoundingClientRect().top !== row) break;
    inRow.push(tile);
  }
  const distance = (tile) => Math.abs(tile.getBoundingClientRect().left - left);
  return inRow.reduce((one, other) => (distance(other) < distance(one) ? other : one));
}

function hasModifier({ shiftKey, ctrlKey, metaKey, altKey }) {
  return shiftKey || ctrlKey || metaKey || altKey;
}

customElements.define("picture-grid", PictureGrid);
