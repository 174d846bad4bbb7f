// Rows of a form in the admin: added, removed until the form is saved, moved. A field with `data-kinds` is shown for
// these choices of the row's field "kind" alone.

import { register } from "../lib/commands.js";

class InlineRows extends HTMLElement {
  #life;

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    for (const row of this.rows) showKind(row);
    this.#number();
    for (const box of this.querySelectorAll("[data-row] input[name$=-DELETE]:checked"))
      showRemoved(box.closest("[data-row]"), true);
    this.addEventListener("change", ({ target }) => isKind(target) && showKind(rowOf(target)), { signal });
  }

  disconnectedCallback() {
    this.#life.abort();
  }

  get rows() {
    return [...this.querySelectorAll("[data-row]")];
  }

  get #total() {
    return this.querySelector("input[name$=-TOTAL_FORMS]");
  }

  add() {
    const list = this.querySelector("[data-rows]");
    const blank = list.querySelector("[data-blank]");
    const number = this.#total.value;
    const holder = document.createElement("ol");
    holder.innerHTML = blank.innerHTML.replaceAll("__prefix__", number);
    const row = holder.firstElementChild;
    blank.before(row);
    this.#total.value = Number(number) + 1;
    showKind(row);
    this.#changed();
    row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  }

  /** One that is saved stays until the form is saved; of a new one nothing stays but its number, which the server skips. */
  remove(row) {
    const box = row.querySelector("input[name$=-DELETE]");
    if (box) {
      box.checked = true;
      showRemoved(row, true);
      row.querySelector("[data-command='rows.keep']").focus();
    } else {
      const neighbour = nextShown(row) ?? previousShown(row);
      row.remove();
      const target =
        neighbour?.querySelector("[data-command='rows.remove']") ??
        this.querySelector("[data-command='rows.add']");
      target.focus();
    }
    this.#changed();
  }

  keep(row) {
    row.querySelector("input[name$=-DELETE]").checked = false;
    showRemoved(row, false);
    row.querySelector("[data-command='rows.remove']").focus();
    this.#changed();
  }

  /** Move it before the one before, or after the one after; the focus stays on the button. */
  move(row, isUp, button) {
    const other = isUp ? previousShown(row) : nextShown(row);
    if (!other) return;
    if (isUp) other.before(row);
    else other.after(row);
    button.focus();
    this.#changed();
  }

  #changed() {
    this.#number();
    this.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #number() {
    for (const [place, row] of this.rows.entries()) {
      const field = row.querySelector("input[name$=-position]");
      if (field) field.value = place;
    }
    const shown = this.rows.filter((row) => !row.classList.contains("is-removed"));
    const most = Number(this.dataset.most ?? Number.POSITIVE_INFINITY);
    const add = this.querySelector("[data-command='rows.add']");
    if (add) add.hidden = shown.length >= most;
    for (const [place, row] of shown.entries()) {
      for (const [name, isEnd] of [
        ["up", place === 0],
        ["down", place === shown.length - 1],
      ])
        row.querySelector(`[data-command='rows.${name}']`)?.toggleAttribute("data-end", isEnd);
    }
  }
}

const rowOf = (element) => element.closest("[data-row]");
const rowsOf = (element) => element.closest("inline-rows");
const isKind = ({ name }) => name?.endsWith("-kind");

function showRemoved(row, isRemoved) {
  row.classList.toggle("is-removed", isRemoved);
  row.querySelector("[data-removed]").hidden = !isRemoved;
  row.querySelector(".row-fields").inert = isRemoved;
}

function showKind(row) {
  const kind = row.querySelector("select[name$=-kind]");
  if (!kind) return;
  for (const part of row.querySelectorAll("[data-kinds]"))
    part.hidden = !part.dataset.kinds.split(" ").includes(kind.value);
}

function nextShown(row) {
  let next = row.nextElementSibling;
  while (next && (!next.matches("[data-row]") || next.classList.contains("is-removed")))
    next = next.nextElementSibling;
  return next;
}

function previousShown(row) {
  let previous = row.previousElementSibling;
  while (previous?.classList.contains("is-removed")) previous = previous.previousElementSibling;
  return previous;
}

register(
  { id: "rows.add", run: (button) => rowsOf(button).add() },
  { id: "rows.remove", run: (button) => rowsOf(button).remove(rowOf(button)) },
  { id: "rows.keep", run: (button) => rowsOf(button).keep(rowOf(button)) },
  { id: "rows.up", run: (button) => rowsOf(button).move(rowOf(button), true, button) },
  { id: "rows.down", run: (button) => rowsOf(button).move(rowOf(button), false, button) },
);

customElements.define("inline-rows", InlineRows);
