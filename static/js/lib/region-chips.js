// The regions of the pictures of a message that is being written, as chips on their tiles.

import { icon } from "./icons.js";
import { PictureOverlay } from "./picture-overlay.js";
import { drawnOutline } from "./region-drawing.js";
import { placeOf } from "./regions.js";
import { text } from "./strings.js";

const NONE = [];
const shown = new WeakMap(); // the regions that the chips of an upload stand for

/** Show what was chosen about these pictures of a picker. */
export function showChips(picker, uploads) {
  for (const upload of uploads) {
    const { regions = NONE } = upload.choice;
    const { element } = upload;
    if (shown.get(upload) === regions) continue;
    shown.set(upload, regions);
    element.querySelector(".region-chips")?.remove();
    element.querySelector(".picture-overlay")?.remove();
    if (regions.length) element.append(chipsOf(picker, upload, regions));
  }
}

function chipsOf(picker, upload, regions) {
  const chips = document.createElement("span");
  chips.className = "region-chips";
  chips.append(...regions.map((region) => chipOf(region)));
  const tile = upload.element.querySelector(".upload-picture");
  const overlay = new PictureOverlay(upload.picture, tile);
  const regionAt = ({ target }) =>
    regions.find(({ letter }) => letter === target.closest("[data-region]")?.dataset.region);
  const outline = (event) => {
    const region = regionAt(event);
    if (region) overlay.show(drawnOutline(region));
  };
  for (const type of ["pointerover", "focusin"]) chips.addEventListener(type, outline);
  for (const type of ["pointerleave", "focusout"]) chips.addEventListener(type, () => overlay.remove());
  chips.addEventListener("click", (event) => {
    const region = regionAt(event);
    if (region) remove(picker, upload, region);
  });
  return chips;
}

function chipOf(region) {
  const chip = document.createElement("button");
  chip.type = "button";
  chip.className = "region-chip";
  chip.dataset.region = region.letter;
  chip.title = placeOf(region);
  chip.ariaLabel = text("remove-region", { letter: region.letter });
  chip.append(region.letter, icon("close"));
  return chip;
}

function remove(picker, upload, region) {
  const rest = upload.choice.regions.filter((other) => other !== region);
  picker.choose(upload.id, { regions: rest.length ? rest : undefined });
  showChips(picker, [upload]);
  const next = upload.element.querySelector("[data-region], [data-command='image.ask-region']");
  next.focus();
}
