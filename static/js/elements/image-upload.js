// One picture on its way to the server, and its tile in the composer.

import { csrfHeaders, FORBIDDEN, renewToken } from "../lib/http.js";
import { text } from "../lib/strings.js";

const CREATED = 201;

export class ImageUpload {
  id = null;
  state = "uploading"; // or ready, or failed
  request = null;
  choice = {}; // how the model gets it: {detail, tiles, regions}, each where it is not the whole picture

  /** `template` holds the tile. */
  constructor(template, name) {
    this.name = name;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.picture = Object.assign(new Image(), { alt: "", draggable: false, hidden: true });
    this.element.querySelector("progress").before(this.picture);
    this.element.title = name;
    this.element.querySelector(".upload-name").textContent = name;
    this.element.querySelector("[data-retry] .sr-only").textContent = text("retry-upload", { name });
    this.picture.addEventListener("load", () => {
      this.picture.hidden = false;
    });
    this.picture.addEventListener("error", () => {
      this.picture.hidden = true;
    });
    this.set("uploading");
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

  /** Take this file, and show it until the server has made something smaller of it. */
  take(file) {
    this.file = file;
    this.preview = URL.createObjectURL(file);
    this.picture.src = this.preview;
  }

  /** Show what the server already has; `gone()` is called where it has it no longer. */
  restore({ id, thumbnail_url, notes = [], choice = {} }, gone) {
    Object.assign(this, { id, thumbnail_url, notes, choice });
    this.set("ready", notes.join(" "));
    this.picture.addEventListener("error", gone, { once: true });
    this.picture.src = thumbnail_url;
  }

  /** Send the file; `ended()` is called in any case. Where the page's token is too old, once more with a new one. */
  send(ended, isRepeated = false) {
    const request = new XMLHttpRequest(); // fetch tells nothing of the progress of an upload
    const form = new FormData();
    form.append("images", this.file);
    request.open("POST", "/images/");
    for (const [name, value] of Object.entries(csrfHeaders())) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) =>
      this.#progress((loaded / total) * 100),
    );
    request.addEventListener("loadend", async () => {
      if (request.status === FORBIDDEN && !isRepeated && (await renewToken()) && this.request === request)
        return this.send(ended, true);
      this.request = null;
      ended(request);
    });
    this.request = request;
    this.#progress(0);
    request.send(form);
  }

  /** Show what became of it. Returns the sentence for screen readers. */
  show({ status, response }) {
    if (status === CREATED) {
      const { id, thumbnail_url, notes } = response;
      Object.assign(this, { id, thumbnail_url, notes });
      this.set("ready", notes.join(" "));
      this.picture.src = thumbnail_url; // of kinds, and on a ground, that this browser may not show by itself
      return [text("upload-ready", { name: this.name }), ...notes].join(" ");
    }
    // the page of the sign-in comes as a success
    const reason = response?.message ?? text(status === 200 ? "signed-out" : "upload-lost");
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
