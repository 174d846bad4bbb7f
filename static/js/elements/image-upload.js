// One picture on its way to the server, and its tile in the composer.

import { csrfHeaders, FORBIDDEN, loaded, renewToken } from "../lib/http.js";
import { text } from "../lib/strings.js";

export const CREATED = 201;

/** A form on its way to the server; fetch tells nothing of the progress of an upload. `ended` is called in any case. */
export class Sending {
  #isAborted = false;
  #request;

  constructor(url, fields, { progressed, ended }) {
    Object.assign(this, { url, fields, progressed, ended });
    this.#send(false);
  }

  abort() {
    this.#isAborted = true;
    this.#request.abort();
  }

  /** Where the page's token is too old, once more with a new one. */
  #send(isRepeated) {
    const request = new XMLHttpRequest();
    const form = new FormData();
    for (const [name, value] of Object.entries(this.fields)) form.append(name, value);
    request.open("POST", this.url);
    for (const [name, value] of Object.entries(csrfHeaders())) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) =>
      this.progressed((loaded / total) * 100),
    );
    request.addEventListener("loadend", async () => {
      const isOld = request.status === FORBIDDEN && !isRepeated;
      if (isOld && (await renewToken()) && !this.#isAborted) this.#send(true);
      else this.ended(request);
    });
    this.#request = request;
    request.send(form);
  }
}

/** Why a request was refused. The page of the sign-in comes as a success. */
export function reasonOf({ status, response }) {
  return response?.message ?? text(status === 200 ? "signed-out" : "upload-lost");
}

export class ImageUpload {
  id = null;
  state = "uploading"; // or ready, or failed
  removed = []; // sentences: what the file had and the picture has not
  before = null; // what it was made from, as `kept` of that was
  request = null;
  #choice = {};

  /** `template` holds the tile. */
  constructor(template, name) {
    this.name = name;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.picture = Object.assign(new Image(), { alt: "", draggable: false, hidden: true });
    this.element.querySelector("progress").before(this.picture);
    this.element.title = name;
    this.element.querySelector(".upload-name").textContent = name;
    this.element.querySelector("[data-tools]").ariaLabel = name;
    for (const part of this.element.querySelectorAll("[data-of]")) part.textContent = name;
    this.element.querySelector("[data-retry] .sr-only").textContent = text("retry-upload", { name });
    this.picture.addEventListener("load", () => {
      this.picture.hidden = false;
    });
    this.picture.addEventListener("error", () => {
      this.picture.hidden = true;
    });
    this.set("uploading");
  }

  /** How the model gets it: {detail, tiles, regions}, each where it is not the whole picture. */
  get choice() {
    return this.#choice;
  }

  set choice(choice) {
    this.#choice = choice;
    this.element.querySelector("[data-fine-print]").ariaPressed = String(choice.detail === "fine");
  }

  set(state, message = "", canRetry = false) {
    this.state = state;
    this.element.dataset.state = state;
    this.element.toggleAttribute("data-noted", state === "ready" && message !== "");
    this.element.querySelector(".upload-message").textContent = message;
    this.canRetry = canRetry;
    this.element.querySelector("[data-retry]").hidden = !canRetry;
    const key = state === "uploading" ? "cancel-upload" : "remove-upload";
    this.element.querySelector("[data-remove] .sr-only").textContent = text(key, { name: this.name });
  }

  /** What is needed to show it again after a reload. */
  get kept() {
    const { id, name, thumbnail_url, notes, choice, removed, before, is_shown_unredacted } = this;
    return { id, name, thumbnail_url, notes, choice, removed, before, is_shown_unredacted };
  }

  /** Show a picture that the server has. */
  become(picture, before = null) {
    const { id, thumbnail_url, notes = [], choice = {}, removed = [], is_shown_unredacted = false } = picture;
    Object.assign(this, { id, thumbnail_url, notes, choice, removed, is_shown_unredacted, before });
    this.set("ready", notes.join(" "));
    this.element.title = [this.name, ...removed].join("\n");
    this.element.querySelector("[data-undo-edit]").hidden = !before;
    this.picture.src = thumbnail_url; // of kinds, and on a ground, that this browser may not show by itself
  }

  /** Take this file, and show it until the server has made something smaller of it; `fields` go along. */
  take(file, fields = {}) {
    this.preview = URL.createObjectURL(file);
    this.takeFrom("/images/", this.preview, { ...fields, images: file });
  }

  /** Take what the server makes of these fields at this address, which looks like `preview`. */
  takeFrom(url, preview, fields = {}) {
    Object.assign(this, { url, fields });
    this.picture.src = preview;
  }

  /** Show what the server already has; `gone()` is called where it has it no longer. */
  restore(picture, gone) {
    this.picture.addEventListener("error", gone, { once: true });
    this.become(picture, picture.before);
  }

  /** Send it; `ended()` is called in any case. */
  send(ended) {
    this.#progress(0);
    this.request = new Sending(this.url, this.fields, {
      progressed: (percent) => this.#progress(percent),
      ended: (request) => {
        this.request = null;
        ended(request);
      },
    });
  }

  /** Show what became of it. Returns the sentence for screen readers. */
  show({ status, response }) {
    if (status === CREATED) {
      this.become(response);
      const { asked_before: place } = response;
      if (place)
        loaded(() => import("./asked-before.js")).then((chip) => chip.showAskedBefore(this.element, place));
      return [text("upload-ready", { name: this.name }), ...this.notes, ...this.removed].join(" ");
    }
    const reason = reasonOf({ status, response });
    this.set("failed", reason, response?.retryable ?? true);
    return `${this.name}: ${reason}`;
  }

  /** Stop sending, and show nothing any more. */
  discard() {
    this.request?.abort();
    this.request = null;
    this.element.remove();
    if (this.preview) URL.revokeObjectURL(this.preview);
  }

  #progress(percent) {
    const bar = this.element.querySelector("progress");
    if (percent < 100) bar.value = percent;
    else bar.removeAttribute("value"); // sent; the server is still looking at it
  }
}
