// An answer that is JSON: its tree is fetched when somebody comes to see it.

import { elementsFrom } from "../lib/blocks.js";
import { copy, whyNotCopied } from "../lib/clipboard.js";
import { announce } from "../lib/announce.js";
import { register } from "../lib/commands.js";
import { fetchText } from "../lib/http.js";
import { text } from "../lib/strings.js";
import { notify } from "./toast-list.js";

let style = null;

class JsonAnswer extends HTMLElement {
  #seen = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && this.#show());

  connectedCallback() {
    // it has no size before it is filled, and the footer has no box
    if (!this.firstChild) this.#seen.observe(this.closest(".reply-end"));
  }

  disconnectedCallback() {
    this.#seen.disconnect();
  }

  async #show() {
    this.#seen.disconnect();
    const html = await fetchText(`/messages/${messageIdOf(this)}/json/`);
    if (!html) return; // the text stays
    const [link, ...elements] = elementsFrom(html);
    style ??= styled(link);
    if (await style) this.replaceChildren(...elements);
  }
}

/** A promise of whether the style has come. */
function styled(link) {
  document.head.append(link);
  return new Promise((resolve) => {
    link.addEventListener("load", () => resolve(true));
    link.addEventListener("error", () => resolve(false));
  });
}

function messageIdOf(element) {
  return element.closest("[data-message-id]").dataset.messageId;
}

async function answerAs(format, messageId) {
  const words = await fetchText(`/messages/${messageId}/json/?as=${format}`);
  if (!words) throw new Error("the answer was not to be had");
  return words;
}

async function copied(words) {
  if (await copy(words)) announce(text("copied"));
  else notify(text(await whyNotCopied(words)));
}

register(
  { id: "json.copy", run: (button) => copied(answerAs("json", messageIdOf(button))) },
  { id: "json.copy-csv", run: (button) => copied(answerAs("csv", messageIdOf(button))) },
);

customElements.define("json-answer", JsonAnswer);
