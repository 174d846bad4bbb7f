// The page of a review: pictures in the lightbox, and keys for those who review many conversations.

import { register } from "./lib/commands.js";
import { areLettersFree, keepLetters } from "./lib/review-keys.js";
import "./elements/review-form.js";

const find = (selector) => document.querySelector(selector);
const verdict = (place) => document.querySelectorAll("[data-review-form] input[name=verdict]")[place];
const step = (name) => find(`[data-step="${name}"]`);
const transcript = () => find(".transcript").shadowRoot;

const isKeyFree = () => areLettersFree(find('[data-command="review.keys"]'));

/** Show the message that has what was looked for in the list, also one that was replaced. */
async function showHit() {
  const { hit } = find(".transcript").dataset;
  const article = hit && transcript().querySelector(`[data-message-id="${hit}"]`);
  const [{ type }] = performance.getEntriesByType("navigation");
  if (!article || type !== "navigate") return; // who comes back is where they were
  const { mark } = await import("./elements/jump.js");
  const replaced = article.closest(".replaced");
  if (replaced) replaced.open = true;
  article.scrollIntoView({ block: article.offsetHeight < innerHeight ? "center" : "start" });
  mark(article);
}

if (transcript().querySelector("[data-region]"))
  import("./lib/region-outlines.js").then(({ linkLetters }) => linkLetters(transcript()));

if (transcript().querySelector("answer-places")) import("./elements/answer-places.js");

// not before its styles: they give it its height
addEventListener("load", showHit);

function choose(place) {
  verdict(place).click();
  verdict(place).focus();
}

register(
  {
    id: "image.open",
    async run(tile) {
      await import("./elements/image-lightbox.js");
      tile.getRootNode().querySelector("image-lightbox").open(tile);
    },
  },
  {
    id: "region.show",
    async run(chip) {
      await import("./elements/image-lightbox.js");
      (await import("./lib/region-outlines.js")).showLarge(chip);
    },
  },
  { id: "review.discard", run: (button) => button.closest("review-form").discard() },
  { id: "review.keys", run: keepLetters },
  {
    id: "review.next",
    keys: "J",
    isPossible: () => isKeyFree() && step("next") !== null,
    run: () => step("next").click(),
  },
  {
    id: "review.previous",
    keys: "K",
    isPossible: () => isKeyFree() && step("previous") !== null,
    run: () => step("previous").click(),
  },
  {
    id: "review.first-verdict",
    keys: "1",
    isPossible: () => isKeyFree() && verdict(0) !== undefined,
    run: () => choose(0),
  },
  {
    id: "review.second-verdict",
    keys: "2",
    isPossible: () => isKeyFree() && verdict(1) !== undefined,
    run: () => choose(1),
  },
  {
    id: "review.third-verdict",
    keys: "3",
    isPossible: () => isKeyFree() && verdict(2) !== undefined,
    run: () => choose(2),
  },
  {
    id: "review.note",
    keys: "N",
    isPossible: () => isKeyFree() && find("#id_note") !== null,
    run: () => find("#id_note").focus(),
  },
  {
    id: "review.save",
    keys: "Control+Enter",
    isPossible: () => find("[data-save]") !== null,
    run: () => find("[data-save]").click(),
  },
);
