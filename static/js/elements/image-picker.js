// The pictures of the message that is being written: chosen, dropped or pasted, and uploaded at once.

import { announce, csrfHeader, post, text } from "../lib/page.js";

const PARALLEL = 2;
const template = document.querySelector("#upload");

/** One picture on its way, and its tile. `state` is uploading, ready or failed. */
class Upload {
  id = null;
  state = "uploading";
  request = null;

  constructor(name) {
    this.name = name;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.picture = this.element.querySelector("img");
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
    this.element.querySelector(".upload-message").textContent = message;
    this.canRetry = canRetry;
    this.element.querySelector("[data-retry]").hidden = !canRetry;
    const key = state === "uploading" ? "cancel-upload" : "remove-upload";
    this.element.querySelector("[data-remove] .sr-only").textContent = text(key, { name: this.name });
  }

  show(url) {
    this.picture.src = url;
  }

  progress(percent) {
    const bar = this.element.querySelector("progress");
    if (percent < 100) bar.value = percent;
    else bar.removeAttribute("value"); // sent; the server is still looking at it
  }
}

export class ImagePicker {
  #list;
  #limits;
  #changed;
  #uploads = [];

  /** `changed(note)` is told of every change; `note` is a sentence for the person, "", or null: nobody did it. */
  constructor(form, changed) {
    this.#list = form.querySelector("[data-uploads]");
    this.#limits = { count: Number(form.dataset.maxImages), bytes: Number(form.dataset.maxBytes) };
    this.#changed = changed;
    this.#list.addEventListener("click", (event) => this.#clicked(event));
  }

  get count() {
    return this.#uploads.length;
  }
  get usable() {
    return this.#uploads.filter(({ state }) => state !== "failed").length;
  }
  get isUploading() {
    return this.#uploads.some(({ state }) => state === "uploading");
  }
  get failed() {
    return this.#uploads.find(({ state }) => state === "failed") ?? null;
  }
  get ids() {
    return this.ready.map(({ id }) => id);
  }

  /** What is needed to show the uploaded pictures again after a reload. */
  get ready() {
    return this.#uploads
      .filter(({ state }) => state === "ready")
      .map(({ id, name, thumbnail_url }) => ({ id, name, thumbnail_url }));
  }

  add(files) {
    const room = this.#limits.count - this.count;
    for (const file of [...files].slice(0, room)) this.#addFile(file);
    this.#advance();
    this.#changed(files.length > room ? text("too-many-pictures", { limit: this.#limits.count }) : "");
  }

  restore(pictures) {
    for (const { id, name, thumbnail_url } of pictures) {
      const upload = this.#append(new Upload(name));
      Object.assign(upload, { id, thumbnail_url });
      upload.set("ready");
      upload.picture.addEventListener(
        "error",
        () => {
          upload.set("failed", text("upload-not-kept"));
          this.#changed("");
        },
        { once: true },
      );
      upload.show(thumbnail_url);
    }
    this.#changed("");
  }

  /** Forget these pictures; they belong to a message now. */
  forget(ids) {
    for (const upload of this.#uploads.filter(({ id }) => ids.includes(id))) this.#forget(upload);
    this.#changed("");
  }

  #append(upload) {
    this.#uploads.push(upload);
    this.#list.append(upload.element);
    this.#list.hidden = false;
    return upload;
  }

  #addFile(file) {
    const upload = this.#append(new Upload(file.name));
    upload.file = file;
    upload.preview = URL.createObjectURL(file);
    upload.show(upload.preview);
    if (file.size > this.#limits.bytes) {
      upload.set("failed", text("upload-too-large", { limit: Math.floor(this.#limits.bytes / 1e6) }));
    }
  }

  #forget(upload) {
    upload.request?.abort();
    upload.element.remove();
    if (upload.preview) URL.revokeObjectURL(upload.preview);
    this.#uploads = this.#uploads.filter((other) => other !== upload);
    this.#list.hidden = !this.count;
  }

  #clicked(event) {
    const upload = this.#uploads.find(({ element }) => element.contains(event.target));
    if (!upload) return;
    if (event.target.closest("[data-retry]")) {
      upload.set("uploading");
    } else if (event.target.closest("[data-remove]")) {
      const next = upload.element.nextElementSibling ?? upload.element.previousElementSibling;
      this.#forget(upload);
      if (upload.id) post(`/images/${upload.id}/remove/`);
      (next?.querySelector("[data-remove]") ?? document.querySelector("[data-message]")).focus();
    } else return;
    this.#advance();
    this.#changed("");
  }

  #advance() {
    const waiting = this.#uploads.filter(({ state, request }) => state === "uploading" && !request);
    const free = PARALLEL - this.#uploads.filter(({ request }) => request).length;
    for (const upload of waiting.slice(0, free)) this.#send(upload);
  }

  #send(upload) {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append("images", upload.file);
    request.open("POST", "/images/");
    for (const [name, value] of Object.entries(csrfHeader)) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) =>
      upload.progress((loaded / total) * 100),
    );
    request.addEventListener("loadend", () => this.#sent(upload, request));
    upload.request = request;
    upload.progress(0);
    request.send(form);
  }

  #sent(upload, { status, response }) {
    upload.request = null;
    if (!this.#uploads.includes(upload)) {
      // cancelled
      this.#advance();
      return;
    }
    if (status === 201) {
      Object.assign(upload, { id: response.id, thumbnail_url: response.thumbnail_url });
      upload.set("ready");
      if (upload.picture.hidden) upload.show(response.thumbnail_url); // a kind that this browser cannot show
      announce(text("upload-ready", { name: upload.name }));
    } else {
      // the page of the sign-in comes as a success
      const reason = response?.message ?? text(status === 200 ? "signed-out" : "upload-lost");
      upload.set("failed", reason, response?.retryable ?? true);
      announce(`${upload.name}: ${reason}`);
    }
    this.#advance();
    this.#changed(null);
  }
}
