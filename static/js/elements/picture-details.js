// All that is known of one of one's pictures: where it was asked about, its alternative text, what looks like it.

import { draftKey, readDraft, writeDraft } from "../lib/drafts.js";
import { answer, csrfHeaders, fetchPage } from "../lib/http.js";
import { text } from "../lib/strings.js";
import { follow } from "./jump.js";
import { notify } from "./toast-list.js";

/**
 * Open the details of a picture over all else. `leave()` is called where one goes to a message of this page. Returns when
 * they are closed.
 */
export async function openDetails(id, leave = () => {}) {
  const page = await fetchPage(`/pictures/${id}/`);
  const dialog = page?.querySelector("dialog");
  if (!dialog) return notify(text("upload-not-kept"));
  await styled(page.querySelector("link"));
  document.body.append(dialog);
  new Details(dialog, leave);
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  dialog.remove();
}

/** Add the style sheet, once. */
function styled(link) {
  if (document.querySelector(`link[href="${link.getAttribute("href")}"]`)) return;
  document.head.append(link);
  return new Promise((resolve) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", resolve);
  });
}

class Details {
  #dialog;
  #leave;

  constructor(dialog, leave) {
    this.#dialog = dialog;
    this.#leave = leave;
    // the arrow keys are those of the text, and not of the picture behind it
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    dialog.addEventListener("click", (event) => this.#clicked(event));
    this.#form.addEventListener("submit", (event) => this.#save(event));
  }

  get #form() {
    return this.#dialog.querySelector("[data-describe]");
  }

  get #id() {
    return this.#dialog.dataset.pictureDetails;
  }

  #clicked(event) {
    const { target } = event;
    const place = target.closest("[data-place]");
    if (place) follow(event, place, () => this.#close());
    else if (target.closest("[data-suggest]")) this.#suggest(target.closest("[data-suggest]"));
    else if (target.closest("[data-ask-again]")) this.#askAgain();
  }

  #close() {
    this.#dialog.close();
    this.#leave();
  }

  /** The draft of a new chat gets the picture, beside what it has. */
  #askAgain() {
    const { person } = document.querySelector("[data-person]").dataset;
    const { name, thumbnail, notes } = this.#dialog.dataset;
    const key = draftKey({ person });
    const draft = readDraft(key) ?? { text: "", images: [], sent: null };
    const others = draft.images.filter(({ id }) => id !== this.#id);
    const picture = { id: this.#id, name, thumbnail_url: thumbnail, notes: notes ? [notes] : [] };
    writeDraft(key, { ...draft, images: [...others, picture] });
    location.assign("/");
  }

  async #save(event) {
    event.preventDefault();
    const kept = await this.#send(this.#form.getAttribute("action"), {
      text: this.#form.elements.text.value,
    });
    if (!kept) return;
    this.#form.elements.text.value = kept.text;
    this.#say(this.#note.dataset.saved);
    for (const tile of document.querySelectorAll(`[data-image="${this.#id}"]`)) {
      tile.dataset.alt = kept.text;
      tile.querySelector("img").alt = kept.text || tile.dataset.name;
    }
  }

  async #suggest(button) {
    if (button.ariaBusy === "true") return;
    button.ariaBusy = "true";
    button.ariaDisabled = "true";
    this.#say(this.#note.dataset.asking);
    const { conversationId: conversation = "" } = document.querySelector("chat-conversation")?.dataset ?? {};
    const suggestion = await this.#send(button.dataset.suggest, { conversation });
    button.ariaBusy = "false";
    button.ariaDisabled = "false";
    if (!suggestion) return;
    this.#form.elements.text.value = suggestion.text;
    this.#say(this.#note.dataset.suggested);
    this.#form.elements.text.focus();
  }

  /** POST fields. Returns the answer, null where it is none, of which the reason is shown. */
  async #send(url, fields) {
    const body = new URLSearchParams(fields);
    const response = await answer(url, { method: "POST", headers: csrfHeaders(), body });
    const json = response?.headers.get("Content-Type")?.includes("json") ? await response.json() : null;
    if (response?.ok && json) return json;
    this.#say(json?.message ?? this.#note.dataset.failed, "wrong");
    return null;
  }

  get #note() {
    return this.#dialog.querySelector("[data-note]");
  }

  #say(words, kind = "") {
    this.#note.textContent = words;
    this.#note.dataset.kind = kind;
  }
}
