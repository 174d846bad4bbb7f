// The regions of questions in the thread: whoever points at a chip, or at its letter in the answer, sees the place.

import { PictureOverlay } from "./picture-overlay.js";
import { drawnRegion } from "./region-drawing.js";

const LETTERS =
  /\b(?:[Aa]reas?|[Rr]egions?)\s+((?:[A-I]\b(?:\s*,\s*|\s+)?(?:(?:and|or|to|&)\s+(?=[A-I]\b))?)+)/g;
const SKIPPED = "a, button, pre, code, math, .region-letter";

let overlay = null; // over the picture that has the place
let shownBy = null;

for (const type of ["pointerover", "focusin"]) document.addEventListener(type, pointed);
document.addEventListener("focusout", hide);

function pointed(event) {
  const chip = event.composedPath()[0].closest?.("[data-thread] [data-region], [data-region-letter]");
  if (chip === shownBy) return;
  if (chip || event.type === "pointerover") hide();
  if (chip) outline(chip);
}

function outline(chip) {
  const found = placeOf(chip);
  if (!found) return;
  shownBy = chip;
  const picture = found.tile.querySelector("img");
  overlay = new PictureOverlay(picture, found.tile);
  overlay.show(drawnRegion(found.region, picture.clientHeight));
}

function hide() {
  overlay?.remove();
  overlay = shownBy = null;
}

/** Show the picture of this chip, or letter, large. */
export function showLarge(chip) {
  const found = placeOf(chip);
  hide();
  if (found) chip.getRootNode().querySelector("image-lightbox").open(found.tile, chip, found.region.letter);
}

/** The tile and the region that a chip, or a letter of an answer, is about. */
function placeOf(chip) {
  const letter = chip.dataset.region ?? chip.dataset.regionLetter;
  const article = chip.closest("[data-message-id]");
  const question = "region" in chip.dataset ? article : questionOf(article);
  if ("region" in chip.dataset) return regionIn([chip.closest("li").querySelector("[data-image]")], letter);
  return question && regionIn(tilesOf(question), letter);
}

function regionIn(tiles, letter) {
  for (const tile of tiles) {
    const { regions = [] } = JSON.parse(tile.dataset.choice ?? "{}");
    const region = regions.find((each) => each.letter === letter);
    if (region) return { tile, region };
  }
  return null;
}

function tilesOf(question) {
  return [...question.querySelectorAll(":scope > .tiles [data-image]")];
}

function questionOf(answer) {
  return answer.getRootNode().querySelector(`[data-message-id="${answer.dataset.parentId}"]`);
}

/** Make the letters of regions in answers that have ended links to the picture. What the answer says stays as it is. */
export function linkLetters(root) {
  const answers = root.querySelectorAll("[data-role=assistant]:not([data-status=running])");
  for (const answer of answers) {
    const question = questionOf(answer);
    const tiles = question ? tilesOf(question).filter(({ dataset }) => dataset.choice) : [];
    if (!tiles.length) continue;
    for (const block of answer.querySelectorAll("[data-body] > .block")) linkIn(block, tiles);
  }
}

function linkIn(block, tiles) {
  if (block.querySelector("[data-region-letter]")) return; // done before
  const nodes = textsOf(block);
  const words = nodes.map(({ data }) => data).join("");
  const places = [...words.matchAll(LETTERS)].flatMap((match) => {
    const start = match.index + match[0].length - match[1].length;
    return [...match[1].matchAll(/\b[A-I]\b/g)].map(({ index }) => start + index);
  });
  for (const place of places.reverse()) {
    const found = regionIn(tiles, words[place]);
    if (found) link(nodes, place, found.tile);
  }
}

function textsOf(block) {
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement.closest(SKIPPED) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return nodes;
}

/** Put a link around the letter at this place of all the texts together. */
function link(nodes, place, tile) {
  let start = place;
  const node = nodes.find(({ length }) => {
    if (start < length) return true;
    start -= length;
    return false;
  });
  const letter = node.splitText(start);
  letter.splitText(1);
  const anchor = document.createElement("a");
  anchor.className = "region-letter";
  anchor.href = tile.href;
  anchor.dataset.command = "region.show";
  anchor.dataset.regionLetter = letter.data;
  letter.replaceWith(anchor);
  anchor.append(letter);
}
