// "Ask about a region": boxes on a picture of a question, or on any picture of the thread, which is attached then.

import { BoxEditing } from "../lib/box-editing.js";
import { show } from "../lib/dialogs.js";
import { originalUrl } from "../lib/originals.js";
import {
  chooseRegions,
  freeLetter,
  hasRoom,
  isAttached,
  MAX_REGIONS,
  pictureOf,
  placeOf,
  regionsOf,
} from "../lib/regions.js";
import { text } from "../lib/strings.js";

/** Open it for the picture whose tile, or large view, has this button. */
export async function open(button) {
  const [picker, picture] = button.closest("image-lightbox") ? ofThread(button) : ofQuestion(button);
  await (await show("region-editor")).begin(picker, picture);
}

function ofQuestion(button) {
  const picker = button.closest("image-picker");
  const { id, name, thumbnail_url, notes } = picker.uploadOf(button);
  return [picker, { id, name, thumbnail_url, notes }];
}

function ofThread(button) {
  const picture = pictureOf(button.closest("image-lightbox").leave());
  return [document.querySelector("chat-composer image-picker"), picture];
}

/** Regions are those of the question as soon as they are set; what is not set is dropped when it closes. */
class RegionEditor extends BoxEditing {
  #picker;
  #shown; // the picture, as `chooseRegions` takes it
  #wasAttached = true;

  begin(picker, picture) {
    [this.#picker, this.#shown] = [picker, picture];
    this.#wasAttached = isAttached(picker, picture.id);
    this.beginAt(picture, regionsOf(picker, picture.id));
    if (!this.#isPossible) this.say(text("no-room"));
  }

  /** Whether the picture is one of the question, or can become one. */
  get #isPossible() {
    return isAttached(this.#picker, this.#shown.id) || hasRoom(this.#picker);
  }

  made(sides) {
    if (!this.#isPossible) return null;
    const letter = freeLetter(this.#picker, this.#shown.id, this.boxes);
    if (letter === null) this.say(text("regions-full", { count: MAX_REGIONS }));
    return letter && { letter, ...sides, drawn_by: "person" };
  }

  redrawn(region) {
    return { ...region, drawn_by: "person" };
  }

  placeOf(region) {
    return placeOf(region);
  }

  fill(item, { letter, x, y, width, height }) {
    const { width: across, height: down } = this.size;
    const cut = item.querySelector("svg");
    cut.setAttribute("viewBox", [x * across, y * down, width * across, height * down].join(" "));
    const picture = cut.querySelector("image");
    picture.setAttribute("href", originalUrl(this.#shown.id));
    picture.setAttribute("width", across);
    picture.setAttribute("height", down);
    item.querySelector("[data-size]").textContent = text("region-size", {
      width: Math.round(width * across),
      height: Math.round(height * down),
    });
    item.querySelector("[data-remove] .sr-only").textContent = text("remove-region", { letter });
  }

  /** What is shown is what the question is about. */
  kept() {
    const regions = this.boxes;
    chooseRegions(this.#picker, this.#shown, regions);
    if (!regions.length && !this.#wasAttached) this.#picker.forget([this.#shown.id]);
    this.say("");
  }

  removed({ letter }) {
    this.kept();
    this.tell(text("region-removed", { letter }));
  }

  /** Set what was moved, and end where all is set. */
  entered() {
    if (this.isPending) {
      this.set();
      this.tell(text("region-set", { letter: this.chosen.letter }));
    } else if (this.boxes.length) this.dialog.close();
    else this.addInTheMiddle();
  }

  closed() {
    if (this.boxes.length) this.#picker.closest("form").querySelector("textarea").focus();
  }
}

customElements.define("region-editor", RegionEditor);
