// Boxes of a reviewer on a picture of the transcript, each with labels. What is drawn is saved at once.

import "../lib/item-texts.js";
import { BoxEditing } from "../lib/box-editing.js";
import { newId } from "../lib/ids.js";
import { boxesOf, eraseBox, keepBox, listBoxes, tileOf } from "../lib/item-boxes.js";
import { sharesOf } from "../lib/place-words.js";
import { text } from "../lib/strings.js";

/** Open it for the list of boxes of a picture. */
export function openBoxes(list) {
  list.getRootNode().querySelector("box-editor").begin(list);
}

class BoxEditor extends BoxEditing {
  #list; // the element that lists the boxes below the message

  connectedCallback() {
    super.connectedCallback();
    this.addEventListener("input", ({ target }) => "label" in target.dataset && this.#labelled(target));
  }

  begin(list) {
    this.#list = list;
    this.dialog.showModal();
    const name = tileOf(list)?.dataset.name ?? "";
    this.beginAt({ id: list.dataset.picture, name }, boxesOf(list));
  }

  made(sides) {
    return { id: newId(), letter: String(this.boxes.length + 1), ...sides, labels: "" };
  }

  placeOf(box) {
    return text("box-place", { number: box.letter, ...sharesOf(box) });
  }

  fill(item, { letter, labels }) {
    item.querySelector("input").value = labels;
    item.querySelector("[data-remove] .sr-only").textContent = text("remove-box", { number: letter });
  }

  kept() {
    this.#save(this.chosen);
  }

  removed({ id }) {
    eraseBox(this.#list, id);
    this.show(boxesOf(this.#list)); // numbered anew
  }

  stepped(isNew) {
    this.set();
    if (isNew) this.takeFocusOfDrawn();
  }

  entered() {
    if (this.chosen) this.takeFocusOfDrawn();
    else this.addInTheMiddle();
  }

  /** Its label can be typed at once. */
  takeFocusOfDrawn() {
    this.itemOf(this.chosen).querySelector("input").focus();
  }

  closed() {
    this.#list.querySelector('[data-command="boxes.draw"]').focus();
  }

  #labelled(field) {
    const { item } = field.closest("[data-item]").dataset;
    const box = { ...this.boxes.find(({ letter }) => letter === item), labels: field.value };
    this.put(box);
    this.#save(box);
  }

  #save(box) {
    keepBox(this.#list, box);
    listBoxes(this.#list, this.boxes);
  }
}

customElements.define("box-editor", BoxEditor);
