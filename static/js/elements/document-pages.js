// A document that was attached: its pages are chosen, and become pictures of the message.

import { show } from "../lib/dialogs.js";
import { answer, post } from "../lib/http.js";
import { text } from "../lib/strings.js";
import { CREATED, reasonOf, Sending } from "./image-upload.js";

const MANY = 2000;
const STEPS = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 };

class DocumentPages extends HTMLElement {
  #waiting = []; // [document, picker]
  #picker = null;
  #file = null;
  #known = null; // {id, name, pages, has_text} of the server's
  #sending = null;
  #last = 1; // the page that was chosen last, from which Shift chooses a range

  connectedCallback() {
    this.addEventListener("click", (event) => this.#clicked(event));
    this.addEventListener("submit", (event) => this.#submitted(event));
    this.addEventListener("input", ({ target }) => this.#edited(target));
    this.addEventListener("keydown", (event) => this.#keyPressed(event));
    this.addEventListener("error", ({ target }) => target.closest("img")?.remove(), { capture: true });
    this.#dialog.addEventListener("close", () => this.#closed());
  }

  /** Take documents, one after the other. */
  begin(documents, picker) {
    this.#waiting.push(...documents.map((document) => [document, picker]));
    if (!this.#picker && this.#waiting.length) this.#next();
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  get #range() {
    return this.querySelector("[name=pages]");
  }

  get #boxes() {
    return [...this.querySelectorAll("[data-pages] input")];
  }

  get #chosen() {
    return this.#boxes.filter(({ checked }) => checked).map(({ value }) => Number(value));
  }

  #next() {
    const [{ file = null, known = null }, picker] = this.#waiting.shift();
    this.#picker = picker;
    this.#file = file;
    this.querySelector("[data-name]").textContent = (file ?? known).name;
    if (known) this.#opened(known);
    else this.#send();
  }

  #send() {
    const limit = Number(this.#picker.dataset.maxBytes);
    if (this.#file.size > limit)
      return this.#failed(text("pdf-too-large", { limit: Math.floor(limit / 1e6) }), false);
    this.#showPart("sending");
    this.#progress(0);
    this.#sending = new Sending(
      "/documents/",
      { document: this.#file },
      { progressed: (percent) => this.#progress(percent), ended: (request) => this.#sent(request) },
    );
  }

  #progress(percent) {
    const bar = this.querySelector("progress");
    if (percent < 100) bar.value = percent;
    else bar.removeAttribute("value"); // sent; the server reads it
    this.querySelector("[data-progress]").textContent = text(percent < 100 ? "pdf-sending" : "pdf-reading");
  }

  #sent({ status, response }) {
    const isWanted = this.#sending !== null;
    this.#sending = null;
    if (status === CREATED && !isWanted) giveUp(response);
    else if (status === CREATED) this.#opened(response);
    else if (isWanted) this.#failed(reasonOf({ status, response }), response?.retryable ?? true);
  }

  #failed(reason, canRetry) {
    this.querySelector("[data-problem]").textContent = reason;
    this.querySelector("[data-again]").hidden = !canRetry;
    this.#showPart("failed");
  }

  #opened(known) {
    this.#known = known;
    if (!known.pages) {
      this.#say("locked", "");
      this.#showPart("locked");
      return;
    }
    this.#last = 1;
    this.#fill();
    this.querySelector("[data-add-text]").hidden = !known.has_text;
    this.#say("choosing", "");
    this.#mark(known.pages === 1 ? new Set([1]) : new Set());
    this.#range.value = known.pages === 1 ? "1" : "";
    this.#showPart("choosing");
  }

  #fill() {
    const template = this.querySelector("template").content.firstElementChild;
    const tiles = Array.from({ length: Math.min(this.#known.pages, MANY) }, (_, index) => {
      const tile = template.cloneNode(true);
      const number = index + 1;
      tile.querySelector("input").value = number;
      tile.querySelector("input").tabIndex = index ? -1 : 0;
      tile.querySelector("span").textContent = text("page-number", { number });
      tile.querySelector("span").before(preview(`/documents/${this.#known.id}/${number}/`));
      return tile;
    });
    this.querySelector("[data-pages]").replaceChildren(...tiles);
  }

  /** Show one of the parts, and give it the focus: what had it may be gone. */
  #showPart(name) {
    for (const part of this.querySelectorAll("[data-part]")) part.hidden = part.dataset.part !== name;
    const part = this.querySelector(`[data-part=${name}]`);
    const first = "[data-pages] [tabindex='0'], [type=password], [data-part]:not(form) button:not([hidden])";
    part.querySelector(first).focus();
  }

  #say(part, words) {
    this.querySelector(`[data-part=${part}] [role=status]`).textContent = words;
  }

  #clicked({ target, shiftKey }) {
    if (target.closest("[data-close]")) this.#dialog.close();
    else if (target.closest("[data-again]")) this.#send();
    else if (target.closest("[data-all]")) this.#chooseAll();
    else if (target.closest("[data-add-text]")) this.#addText();
    else if (target.matches("[data-pages] input")) this.#toggled(target, shiftKey);
  }

  /** A click, or the space bar; with Shift, all pages from the last one to this. */
  #toggled(box, isRange) {
    const page = Number(box.value);
    if (isRange) {
      const [first, last] = [this.#last, page].sort((one, other) => one - other);
      for (const other of this.#boxes.slice(first - 1, last)) other.checked = box.checked;
    }
    this.#last = page;
    this.#focus(box);
    this.#range.value = written(this.#chosen);
    this.#changed();
  }

  #chooseAll() {
    const isAll = this.#boxes.every(({ checked }) => checked);
    this.#mark(new Set(isAll ? [] : this.#boxes.map(({ value }) => Number(value))));
    this.#range.value = written(this.#chosen);
  }

  #mark(pages) {
    for (const box of this.#boxes) box.checked = pages.has(Number(box.value));
    this.#changed();
  }

  #edited(target) {
    if (target !== this.#range) return;
    const pages = parsed(target.value, this.#known.pages);
    target.ariaInvalid = pages === null;
    if (pages) this.#mark(pages);
    else this.#say("choosing", text("pages-not-read"));
  }

  #changed() {
    const { length: count } = this.#chosen;
    const { room } = this.#picker;
    const isAll = count === this.#boxes.length;
    this.#range.ariaInvalid = "false";
    this.#say("choosing", count > room ? text("too-many-pages", { count: room }) : "");
    this.querySelector("[data-all]").textContent = text(isAll ? "choose-none" : "choose-all");
    const attach = this.querySelector("[data-part=choosing] [type=submit]");
    attach.textContent = text("attach-pages", { count });
    attach.disabled = !count || count > room;
    this.querySelector("[data-add-text]").disabled = !count;
  }

  #keyPressed(event) {
    if (!event.target.matches("[data-pages] input")) return;
    const boxes = this.#boxes;
    const next = boxes[this.#indexAfter(event, boxes)];
    if (next) this.#focus(next);
    else if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey)) this.#chooseAll();
    else return;
    event.preventDefault();
  }

  #indexAfter({ key, target }, boxes) {
    const index = boxes.indexOf(target);
    if (key === "Home") return 0;
    if (key === "End") return boxes.length - 1;
    const isVertical = key === "ArrowDown" || key === "ArrowUp";
    const isTurned = !isVertical && getComputedStyle(this).direction === "rtl";
    return index + (STEPS[key] ?? Number.NaN) * (isVertical ? columns(boxes) : 1) * (isTurned ? -1 : 1);
  }

  /** Of all pages one is reached by Tab, the others from it by the arrows. */
  #focus(box) {
    for (const other of this.#boxes) if (other.tabIndex === 0) other.tabIndex = -1;
    box.tabIndex = 0;
    box.focus();
    box.parentElement.scrollIntoView({ block: "nearest" });
  }

  #submitted(event) {
    event.preventDefault();
    if (event.target.dataset.part === "locked") this.#unlock(event.target.elements.password);
    else this.#attach();
  }

  async #unlock(field) {
    const { id } = this.#known;
    const body = await request(`/documents/${id}/unlock/`, { password: field.value });
    field.value = "";
    if (this.#known?.id !== id) return;
    if (body?.id) return this.#opened(body);
    this.#say("locked", body?.message ?? text("request-failed"));
    field.focus();
  }

  #attach() {
    const { id, name } = this.#known;
    const uploads = this.#picker.addFrom(
      this.#chosen.map((page) => ({
        name: text("page-of", { name, page }),
        url: `/documents/${id}/${page}/take/`,
        preview: `/documents/${id}/${page}/`,
      })),
    );
    giveUpWhenTaken(this.#known, uploads, this.#picker);
    this.#known = null;
    this.#dialog.close();
  }

  async #addText() {
    const { id } = this.#known;
    const got = await answer(`/documents/${id}/text/?pages=${this.#chosen}`);
    if (this.#known?.id !== id) return;
    const body = await got?.json().catch(() => null);
    if (!got?.ok) return this.#say("choosing", body?.message ?? text("request-failed"));
    if (!body.pages) return this.#say("choosing", text("pages-without-text"));
    const area = this.#picker.closest("form").querySelector("textarea");
    area.value = [area.value, body.text].filter((part) => part.trim()).join("\n\n");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    this.#say("choosing", text("text-added", { count: body.pages }));
  }

  #closed() {
    const sending = this.#sending;
    this.#sending = null;
    sending?.abort();
    if (this.#known) giveUp(this.#known);
    this.#known = null;
    this.#picker = null;
    this.querySelector("[data-pages]").replaceChildren();
    if (this.#waiting.length) openDocuments([], null);
  }
}

/** Pages as they are typed: "1-3, 8". Null where that cannot be read. */
function parsed(words, count) {
  const pages = new Set();
  for (const part of words.split(/[\s,;]+/).filter(Boolean)) {
    const found = /^(\d{1,5})(?:([-–—])(\d{0,5}))?$/.exec(part);
    if (!found) return null;
    const from = Number(found[1]);
    const to = found[2] ? Number(found[3] || count) : from;
    if (!from || Math.max(from, to) > count) return null;
    for (let page = Math.min(from, to); page <= Math.max(from, to); page += 1) pages.add(page);
  }
  return pages;
}

/** The same, of chosen pages. */
function written(pages) {
  const ranges = [];
  for (const page of pages) {
    if (ranges.at(-1)?.[1] === page - 1) ranges.at(-1)[1] = page;
    else ranges.push([page, page]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(", ");
}

function preview(src) {
  const image = Object.assign(new Image(), { alt: "", decoding: "async", draggable: false });
  image.loading = "lazy"; // before its address, or it is fetched at once
  image.src = src;
  return image;
}

function columns(boxes) {
  const [{ parentElement: first }] = boxes;
  const index = boxes.findIndex(({ parentElement }) => parentElement.offsetTop !== first.offsetTop);
  return index < 0 ? boxes.length : index;
}

/** POST fields. Returns the JSON that comes, of a refusal too, or null. */
async function request(url, fields) {
  return new Promise((resolve) => {
    new Sending(url, fields, { progressed() {}, ended: ({ response }) => resolve(response) });
  });
}

function giveUp({ id }) {
  post(`/documents/${id}/remove/`);
}

/** The server keeps a document until its pages are pictures, so that one that failed can be tried again. */
function giveUpWhenTaken(known, uploads, picker) {
  const life = new AbortController();
  const look = () => {
    if (!uploads.every(({ state, element }) => state === "ready" || !element.isConnected)) return;
    life.abort();
    giveUp(known);
  };
  picker.addEventListener("uploads-changed", look, { signal: life.signal });
}

/** Have pages of these documents chosen, for this picker. */
export async function openDocuments(documents, picker) {
  const element = await show("document-pages").catch(() => null);
  if (!element) return document.querySelector("chat-composer").say(text("not-loaded"), "wrong");
  element.begin(documents, picker);
}

customElements.define("document-pages", DocumentPages);
