// One's pictures by day: older ones come as one scrolls, and many can be selected, to download or delete them.

import { fetchPage, fetchText, post } from "../lib/http.js";
import { text } from "../lib/strings.js";
import { notify } from "./toast-list.js";

const NEAR = "100% 0px"; // a window before older ones are reached, they are asked for
const IDS_AT_ONCE = 500; // that are deleted by one request

/** Arrow keys move among the tiles, of which one is a tab stop; Space selects, Shift up to another one. */
class PictureGrid extends HTMLElement {
  #selected = new Set();
  #anchor = null; // the tile from which Shift selects
  #before = new Set(); // what was selected before that
  #every = null; // how many are found, where that was asked
  #near = new IntersectionObserver((seen) => seen.at(-1).isIntersecting && this.#showOlder(), {
    rootMargin: NEAR,
  });

  connectedCallback() {
    this.addEventListener("click", this.#clicked);
    this.addEventListener("keydown", this.#keyPressed);
    this.addEventListener("focusin", ({ target }) => target.matches(".picture-tile") && this.#rove(target));
    this.#part("download-form").addEventListener("submit", () => {
      const ids = new DataTransfer(); // a file, because a field may not be as long
      ids.items.add(new File([[...this.#selected].join()], "ids.txt"));
      this.#part("ids").files = ids.files;
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

  /** Select all pictures that are found, also those that were not scrolled to. */
  async selectEvery() {
    const found = await this.#found(this.dataset.idsFound);
    if (!found) return notify(text("not-loaded"));
    this.#choose(new Set(found.ids));
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
    this.#offerEvery();
  }

  /** Offer to select all that are found, where the page shows only some of them. */
  async #offerEvery() {
    const button = this.#part("every");
    if (this.#selected.size && this.#part("older") && this.#every === null) {
      this.#every = 0; // it is asked for once
      this.#every = (await this.#found(this.dataset.countFound))?.count ?? null;
    }
    button.textContent = text("pictures-select-all", { count: this.#every ?? 0 });
    button.hidden = !this.#every || this.#selected.size >= this.#every;
  }

  /** What this address says of the pictures of this page and of all older ones; null where it says nothing. */
  async #found(address) {
    const answered = await fetchText(`${address}${location.search}`);
    return answered === null ? null : JSON.parse(answered);
  }

  async #delete() {
    const ids = [...this.#selected];
    const neighbour = this.#tileAfter(this.#selected);
    for (let start = 0; start < ids.length; start += IDS_AT_ONCE) {
      const some = ids.slice(start, start + IDS_AT_ONCE);
      if (!(await post(this.dataset.delete, { ids: some.join() }))) return notify(text("request-failed"));
      this.#remove(some);
      this.#choose(new Set(ids.slice(start + IDS_AT_ONCE))); // what is left is counted down
    }
    notify(text("pictures-deleted", { count: ids.length }));
    if (!this.#tiles.length) return location.reload(); // which says that there are none
    this.#rove(neighbour ?? this.#tiles.at(-1));
    this.#current.focus();
  }

  #remove(ids) {
    for (const id of ids) this.querySelector(`[data-picture="${id}"]`)?.remove();
    for (const day of this.querySelectorAll("[data-day]:not(:has(li))")) day.remove();
    if (this.#every !== null) this.#every -= ids.length;
  }

  /** The first tile after the last of these that stays. */
  #tileAfter(ids) {
    const tiles = this.#tiles;
    return tiles[tiles.findLastIndex((tile) => ids.has(idOf(tile))) + 1];
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
    // a list of their own, because those that are adopted leave the other page
    for (const part of [...page.querySelector("[data-days]").children]) {
      this.#append(document.adoptNode(part));
    }
    for (const tile of this.#tiles.slice(known)) tile.tabIndex = -1;
    if (this.#selected.size) this.#choose(this.#selected); // all may be
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
