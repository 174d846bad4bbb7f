// The pictures of the message that is being written: chosen, pasted or handed to `add`, as drop-overlay.js does; uploaded at once.

import { announce } from "../lib/announce.js";
import { loaded, post } from "../lib/http.js";
import { text } from "../lib/strings.js";
import { ImageUpload } from "./image-upload.js";

const PARALLEL = 2;

/**
 * Tells its ancestors of every change by `uploads-changed`, whose `detail.note` is a sentence for the person, "",
 * or null: nobody did it.
 */
class ImagePicker extends HTMLElement {
  #uploads = [];
  #aside = []; // of a message that is being sent
  #questionChoices = {};
  #life;

  /** The one that pictures are for which are dropped or pasted: that of the form with the focus, else the composer's. */
  static get inUse() {
    const form = document.activeElement?.closest("form:has(image-picker)");
    return (form ?? document.querySelector("chat-composer")).querySelector("image-picker");
  }

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    this.addEventListener("click", this.#clicked);
    this.closest("form").addEventListener("change", (event) => this.#chosen(event.target), { signal });
    document.addEventListener("paste", (event) => this.#pasted(event), { signal });
    // a picture dropped before the overlay is there must not take the browser to it
    for (const type of ["dragover", "drop"]) document.addEventListener(type, keepFilesOut, { signal });
    document.addEventListener("dragenter", overlay, { once: true, signal });
  }

  disconnectedCallback() {
    this.#life.abort();
  }

  get count() {
    return this.#uploads.length;
  }

  get isUploading() {
    return this.#uploads.some(({ state }) => state === "uploading");
  }

  get failed() {
    return this.#uploads.filter(({ state }) => state === "failed");
  }

  get ids() {
    return this.ready.map(({ id }) => id);
  }

  /** Those that are uploaded, as [id, element]. */
  get pictures() {
    return this.#uploads.filter(({ state }) => state === "ready").map(({ id, element }) => [id, element]);
  }

  /** What is needed to show the uploaded pictures again after a reload. */
  get ready() {
    return this.#uploads.filter(({ state }) => state === "ready").map((upload) => upload.kept);
  }

  /** The one whose tile has this element in it. */
  uploadOf(part) {
    return this.#uploads.find(({ element }) => element.contains(part));
  }

  placeOf(upload) {
    return this.#uploads.indexOf(upload);
  }

  /** Give a picture another place. The others go round its tile, which keeps focus and finger. */
  move(upload, to) {
    const from = this.placeOf(upload);
    const passed = to > from ? this.#uploads.slice(from + 1, to + 1) : this.#uploads.slice(to, from);
    const tiles = passed.map(({ element }) => element);
    if (to > from) upload.element.before(...tiles);
    else upload.element.after(...tiles);
    this.#uploads.splice(to, 0, ...this.#uploads.splice(from, 1));
    this.#tell(null);
  }

  /** Show what was made of a picture in its place; `before` is what it was made from. */
  edited(upload, made, before = upload.kept) {
    upload.become(made, before);
    this.#tell(null);
  }

  /** Those of which a message shows more than they do, and the person has not said whether it may. */
  get undecided() {
    return this.#uploads.filter(({ is_shown_unredacted }) => is_shown_unredacted);
  }

  /** Whether they must say that first; the question takes the focus. */
  askFirst() {
    if (this.undecided.length) this.querySelector("[data-choice] button").focus();
    return this.undecided.length > 0;
  }

  decided() {
    this.#tell(null);
  }

  /** Chosen for the whole question: {has_canvas, earlier_images}, each where it is not as usual. */
  get questionChoices() {
    return this.#questionChoices;
  }

  /** Choose how the model gets a picture; `undefined` is as usual. */
  choose(id, fields) {
    const upload = this.#uploads.find((each) => each.id === id);
    upload.choice = withoutUndefined({ ...upload.choice, ...fields });
    this.#tell(null);
  }

  chooseForQuestion(fields) {
    this.#questionChoices = withoutUndefined({ ...this.#questionChoices, ...fields });
    this.#tell(null);
  }

  /** How many pictures the message can still have. */
  get room() {
    return Number(this.dataset.maxImages) - this.count;
  }

  /** Add files; of a document the person chooses pages. `fields` are sent with each picture. */
  add(files, fields) {
    const documents = files.filter(isDocument).map((file) => ({ file }));
    const pictures = files.filter((file) => !isDocument(file));
    if (documents.length) this.choosePages(documents);
    if (pictures.length) this.#addEach(pictures, (file) => this.#addFile(file, fields));
  }

  /** Add what the server makes pictures of: {name, url, preview} each. Returns the uploads. */
  addFrom(sources) {
    return this.#addEach(sources, ({ name, url, preview }) => {
      const upload = this.#append(name);
      upload.takeFrom(url, preview);
      return upload;
    });
  }

  /** Have pages chosen of documents: {file} each, or {known} to the server. */
  async choosePages(documents) {
    const { openDocuments } = await loaded(() => import("./document-pages.js"));
    await openDocuments(documents, this);
  }

  restore(pictures, questionChoices = {}) {
    this.#questionChoices = { ...this.#questionChoices, ...questionChoices };
    for (const picture of pictures) {
      const upload = this.#append(picture.name);
      upload.restore(picture, () => {
        upload.set("failed", text("upload-not-kept"));
        this.#tell("");
      });
    }
    this.#tell("");
  }

  removeFailed() {
    for (const upload of this.failed) this.#discard(upload);
    this.#tell("");
  }

  /** Hide these until they are brought back or forgotten. */
  putAside(ids) {
    this.#questionChoices = {};
    this.#aside = this.#uploads.filter(({ id }) => ids.includes(id));
    this.#uploads = this.#uploads.filter((upload) => !this.#aside.includes(upload));
    for (const { element } of this.#aside) element.remove();
    this.#list.hidden = !this.count;
    this.#tell("");
  }

  bringBack(questionChoices) {
    this.#questionChoices = { ...questionChoices, ...this.#questionChoices };
    this.#uploads.unshift(...this.#aside);
    this.#list.prepend(...this.#aside.splice(0).map(({ element }) => element));
    this.#list.hidden = !this.count;
    this.#tell("");
  }

  forgetAside() {
    for (const upload of this.#aside.splice(0)) upload.discard();
  }

  /** Forget these pictures; they belong to a message now. */
  forget(ids) {
    for (const upload of this.#uploads.filter(({ id }) => ids.includes(id))) this.#discard(upload);
    this.#tell("");
  }

  #chosen(input) {
    if (input.type !== "file") return;
    this.add([...input.files]);
    input.value = ""; // or the same file could not be chosen again
    this.closest("chat-composer, message-editor").takeFocus();
  }

  #pasted(event) {
    const { files } = event.clipboardData;
    if (ImagePicker.inUse !== this || !files.length || isTextMeant(event.clipboardData)) return;
    event.preventDefault();
    this.add([...files]);
  }

  #append(name) {
    const upload = new ImageUpload(this.querySelector("template"), name);
    this.#uploads.push(upload);
    this.#list.append(upload.element);
    this.#list.hidden = false;
    return upload;
  }

  #addEach(sources, add) {
    const { room } = this;
    const uploads = sources.slice(0, room).map(add);
    this.#advance();
    const count = Number(this.dataset.maxImages);
    this.#tell(sources.length > room ? text("too-many-pictures", { count }) : "");
    return uploads;
  }

  #addFile(file, fields) {
    const upload = this.#append(file.name);
    const limit = Number(this.dataset.maxBytes);
    upload.take(file, fields);
    if (file.size > limit) upload.set("failed", text("upload-too-large", { limit: Math.floor(limit / 1e6) }));
    return upload;
  }

  #discard(upload) {
    upload.discard();
    this.#uploads = this.#uploads.filter((other) => other !== upload);
    this.#list.hidden = !this.count;
  }

  #clicked({ target }) {
    const upload = this.#uploads.find(({ element }) => element.contains(target));
    if (upload && target.closest("[data-retry]")) {
      upload.set("uploading");
      upload.element.querySelector("[data-remove]").focus(); // the button that had the focus is gone
    } else if (upload && target.closest("[data-remove]")) this.#remove(upload);
    else return;
    this.#advance();
    this.#tell("");
  }

  #remove(upload) {
    const next = upload.element.nextElementSibling ?? upload.element.previousElementSibling;
    this.#discard(upload);
    for (let gone = upload; gone?.id; gone = gone.before) post(`/images/${gone.id}/remove/`);
    (next?.querySelector("[data-remove]") ?? this.closest("form").querySelector("textarea")).focus();
  }

  /** Send two at a time, so that one travels while another is processed. */
  #advance() {
    const waiting = this.#uploads.filter(({ state, request }) => state === "uploading" && !request);
    const free = PARALLEL - this.#uploads.filter(({ request }) => request).length;
    for (const upload of waiting.slice(0, free)) upload.send((request) => this.#sent(upload, request));
  }

  #sent(upload, request) {
    const isWanted = this.#uploads.includes(upload);
    const known = request.response?.document;
    if (isWanted && known) {
      this.choosePages([{ known }]);
      this.#discard(upload);
    } else if (isWanted) announce(upload.show(request));
    this.#advance();
    if (isWanted) this.#tell(null);
  }

  get #list() {
    return this.querySelector("[data-uploads]");
  }

  #tell(note) {
    const removed = new Set(this.#uploads.flatMap((upload) => upload.removed));
    this.querySelector("[data-removed]").textContent = [...removed].join(" · ");
    this.querySelector("[data-choice]").hidden = !this.undecided.length;
    this.querySelector("[data-compare]").hidden = this.ids.length < 2;
    if (this.count > 1) loaded(() => import("../lib/reordering.js")).then((lib) => lib.letReorder(this));
    if (this.querySelector("[data-region]") || this.#uploads.some(({ choice }) => choice.regions))
      loaded(() => import("../lib/region-chips.js")).then(({ showChips }) => showChips(this, this.#uploads));
    this.dispatchEvent(new CustomEvent("uploads-changed", { bubbles: true, detail: { note } }));
  }
}

/**
 * A table copied from a spreadsheet comes with a picture of itself: there the text is meant. A file copied from a folder
 * comes with its name or path, and a picture copied from a page with its address.
 */
function isTextMeant(data) {
  const names = [...data.files].map(({ name }) => name.normalize());
  const lines = data
    .getData("text/plain")
    .normalize()
    .split(/[\r\n]+/);
  const isNoText = (line) =>
    /^\s*$|^https?:\/\/\S+$/.test(line) || names.includes(line.split(/[/\\]/).at(-1));
  return !lines.every(isNoText);
}

function isDocument({ type, name }) {
  return type === "application/pdf" || /\.pdf$/i.test(name);
}

function withoutUndefined(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function keepFilesOut(event) {
  if (event.dataTransfer.types.includes("Files")) event.preventDefault();
}

async function overlay(event) {
  await loaded(() => import("./drop-overlay.js"));
  document.querySelector("drop-overlay").show(event);
}

customElements.define("image-picker", ImagePicker);
