// The card of an item among many: its verdict, whose draft goes to the server, and what was refused.

import { draftKey, isSameDraft } from "./item-drafts.js";
import { isLoss } from "./item-leases.js";
import { send } from "./item-requests.js";
import { Keeper } from "./keeper.js";
import { forgetLocal, forgetSaved, readLocal, writeLocal } from "./local-texts.js";

export class ManyCard {
  #key;
  #number; // of the draft that the server has, as far as this page knows
  #draft; // answers and note, which this page keeps as they are
  #keeper;
  isLost = false;

  /** `show(word)` is told what became of the draft, as of `Keeper`. */
  constructor(element, person, show) {
    this.element = element;
    this.#key = draftKey(person, element.dataset.item);
    this.#number = Number(element.dataset.number);
    this.#draft = JSON.parse(element.dataset.draft);
    this.#keeper = new Keeper({ send: () => this.#send(), show });
    this.#restore();
  }

  get radios() {
    return [...this.element.querySelectorAll("input[type=radio]")];
  }

  get verdict() {
    return this.radios.find(({ checked }) => checked)?.value ?? "";
  }

  get assignment() {
    return this.element.dataset.assignment;
  }

  get lease() {
    return { assignment: Number(this.assignment), token: this.element.dataset.token };
  }

  get isShown() {
    return this.element.checkVisibility();
  }

  clear() {
    for (const radio of this.radios) radio.checked = false;
    this.keep();
  }

  /** Keep the verdict as it is now. */
  keep() {
    this.#draft = { ...this.#draft, verdict: this.verdict };
    writeLocal(this.#key, { draft: this.#draft, number: this.#number });
    this.refuse("");
    if (!this.isLost) this.#keeper.keep(this.#draft);
  }

  /** What is handed in goes another way. */
  drop() {
    this.#keeper.drop();
  }

  /** It is handed in. */
  forget() {
    this.drop();
    forgetLocal(this.#key);
  }

  refuse(words) {
    const line = this.element.querySelector("[data-refused]");
    line.textContent = words;
    line.hidden = !words;
  }

  /** Nothing can be handed in for it any more; what was chosen stays to be seen. */
  lose(words) {
    this.isLost = true;
    this.drop();
    for (const radio of this.radios) radio.disabled = true;
    this.refuse(words);
  }

  /** What this browser has and the server has not is shown again, unless another window was faster. */
  #restore() {
    const local = readLocal(this.#key);
    if (!local || local.number < this.#number) return;
    if (isSameDraft(local.draft, this.#draft)) {
      forgetLocal(this.#key);
      return;
    }
    this.#draft = local.draft;
    for (const radio of this.radios) radio.checked = radio.value === local.draft.verdict;
    this.#keeper.keep(this.#draft);
  }

  async #send() {
    const draft = this.#draft;
    const body = { ...this.lease, number: this.#number + 1, draft };
    const { word, status, data } = await send(this.element.dataset.draftUrl, body);
    if (word === "refused") {
      if (isLoss(status)) this.lose(data.message ?? "");
      return "refused";
    }
    if (word !== "done") return word;
    this.#number = data.number;
    if (data.newer && !isSameDraft(data.newer, draft)) {
      // another window has written answers or a note: they stay, with the verdict of this one
      this.#draft = { ...data.newer, verdict: this.verdict };
      return this.#send();
    }
    if (isSameDraft(draft, this.#draft)) forgetSaved(this.#key);
    return "saved";
  }
}
