// The page of a review: pictures in the lightbox, and keys for those who review many conversations.

import { register } from "./lib/commands.js";
import { areLettersFree, keepLetters } from "./lib/review-keys.js";
import { enliven, pictureCommands, stepCommands, verdictCommands } from "./lib/transcripts.js";
import "./elements/review-form.js";

const find = (selector) => document.querySelector(selector);
const verdict = (number) => document.querySelectorAll("[data-review-form] input[name=verdict]")[number - 1];
const transcript = () => find(".transcript").shadowRoot;

const isFree = () => areLettersFree(find('[data-command="review.keys"]'));

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

enliven(transcript());

// not before its styles: they give it its height
addEventListener("load", showHit);

function choose(radio) {
  radio.click();
  radio.focus();
}

register(
  ...pictureCommands,
  { id: "review.discard", run: (button) => button.closest("review-form").discard() },
  { id: "review.keys", run: keepLetters },
  ...stepCommands("review", isFree),
  ...verdictCommands("review", { isFree, verdict, choose }),
  {
    id: "review.note",
    keys: "N",
    isPossible: () => isFree() && find("#id_note") !== null,
    run: () => find("#id_note").focus(),
  },
  {
    id: "review.save",
    keys: "Control+Enter",
    isPossible: () => find("[data-save]") !== null,
    run: () => find("[data-save]").click(),
  },
);
