// A picture as the model would see it: the copies that it would get, with the tiles into which it cuts them.

import { announce } from "../lib/announce.js";
import { choicesField } from "../lib/drafts.js";
import { fill } from "../lib/blocks.js";
import { show } from "../lib/dialogs.js";
import { answer, csrfHeaders } from "../lib/http.js";
import { text } from "../lib/strings.js";
import { Viewport } from "../lib/viewport.js";

/** Beside the tiles: what chooses among them. */
const FOCUSABLE = ["[name=in-parts]", "[data-all-tiles]"];

class SeenCopies extends HTMLElement {
  #picker;
  #upload; // that of the composer; none for a picture of the thread
  #isInParts = false; // several tiles may be picked: each is asked about by itself
  #imageId;
  #asked = 0;

  connectedCallback() {
    this.addEventListener("click", (event) => this.#clicked(event));
    this.addEventListener("change", ({ target }) => this.#changed(target));
  }

  begin(picker, upload, imageId, html) {
    this.#picker = picker;
    this.#upload = upload;
    this.#imageId = imageId;
    this.querySelector("[data-details]").hidden = !upload;
    this.#isInParts = (upload?.choice.tiles?.length ?? 0) > 1;
    const detail = upload?.choice.detail ?? "fit";
    if (upload) this.querySelector(`[name=detail][value=${detail}]`).checked = true;
    this.#show(html);
    this.#content.scrollTop = 0;
  }

  get #content() {
    return this.querySelector("[data-content]");
  }

  #clicked({ target }) {
    const tile = target.closest("[data-tile]");
    const zoom = target.closest("[data-seen-zoom]");
    if (target.closest("[data-close]")) this.querySelector("dialog").close();
    else if (tile) this.#choose({ tiles: this.#withTile(tile) });
    else if (target.closest("[data-all-tiles]")) this.#choose({ tiles: this.#tiles.map(numberOf) });
    else if (zoom) switchZoom(zoom);
  }

  get #tiles() {
    return [...this.#content.querySelectorAll("[data-tile]")];
  }

  get #picked() {
    return this.#upload.choice.tiles ?? [];
  }

  /** The numbers of the tiles that are picked once this one was pressed: the last one stays. */
  #withTile(tile) {
    const number = numberOf(tile);
    if (!this.#isInParts) return [number];
    const others = this.#picked.filter((each) => each !== number);
    const isRemoved = others.length > 0 && others.length < this.#picked.length;
    return isRemoved ? others : [...others, number].toSorted((one, two) => one - two);
  }

  #switchParts(isInParts) {
    this.#isInParts = isInParts;
    if (isInParts) this.#choose({ tiles: this.#tiles.map(numberOf) });
    else this.#choose({ tiles: this.#picked.slice(0, 1) });
  }

  #changed(input) {
    if (input.name === "detail")
      this.#choose({ detail: input.value === "fit" ? undefined : input.value, tiles: undefined });
    else if (input.name === "in-parts") this.#switchParts(input.checked);
    else if (input.name === "cells") this.toggleAttribute("data-cells-hidden", !input.checked);
  }

  async #choose(fields) {
    this.#picker.choose(this.#upload.id, fields);
    this.#asked += 1;
    const asked = this.#asked;
    this.#content.ariaBusy = "true";
    const html = await fetchSeen(this.#picker, this.#imageId, (words) => this.#refuse(words));
    if (html && asked === this.#asked) this.#show(html);
  }

  #refuse(words) {
    this.#content.ariaBusy = "false";
    const note = Object.assign(document.createElement("p"), { className: "seen-note", textContent: words });
    note.role = "alert";
    this.#content.replaceChildren(note);
  }

  /** Show what the server says; what was pressed keeps the focus. */
  #show(html) {
    const focused = FOCUSABLE.find((selector) => this.#content.querySelector(`${selector}:focus`));
    const tile = this.#content.querySelector("[data-tile]:focus")?.dataset.tile;
    this.#content.ariaBusy = "false";
    fill(this.#content, html);
    for (const each of this.#content.querySelectorAll("[data-place]"))
      put(each, each.dataset.place.split(" "));
    const inParts = this.#content.querySelector("[name=in-parts]");
    if (inParts) {
      inParts.checked = this.#isInParts;
      this.#content.querySelector("[data-all-tiles]").hidden = !this.#isInParts;
    }
    if (tile) this.#content.querySelector(`[data-tile="${tile}"]`)?.focus();
    else if (focused) this.#content.querySelector(focused)?.focus();
  }
}

function numberOf(tile) {
  return Number(tile.dataset.tile);
}

/** Lay a tile where it is in the picture: the places are per cent of its sides. */
function put(tile, places) {
  const [left, top, width, height] = places.map((place) => `${place}%`);
  Object.assign(tile.style, { left, top, width, height });
}

/** The other size of a copy: as large as the dialog allows, or in its own pixels. */
function switchZoom(button) {
  const stage = button.closest("figure").querySelector("[data-seen-stage]");
  const viewport = new Viewport(stage, stage.querySelector("img"));
  viewport.showOriginal(!viewport.isOriginal);
  button.ariaPressed = String(viewport.isOriginal);
}

/** The copies as HTML; null where they are refused, which `say` is told. */
async function fetchSeen(picker, imageId, say = sayInComposer) {
  const { conversationId } = document.querySelector("chat-conversation").dataset;
  const { ids: image_ids, ready: images, questionChoices: choices } = picker;
  const response = await answer(`/c/${conversationId}/seen/${imageId}/`, {
    method: "POST",
    headers: { ...csrfHeaders(), "Content-Type": "application/json" },
    body: JSON.stringify({ image_ids, ...choicesField({ images, choices }) }),
  });
  if (response?.ok) return response.text();
  const refusal = await response?.json().catch(() => null);
  say(refusal?.message ?? text("request-failed"));
  return null;
}

function sayInComposer(words) {
  document.querySelector("chat-composer").say(words, "wrong");
}

/** Show the picture of the tile, or of the lightbox, that this button belongs to. */
export async function open(button) {
  const picker =
    button.closest("image-picker") ?? document.querySelector("chat-composer").querySelector("image-picker");
  const upload = picker.uploadOf(button);
  const imageId = upload?.id ?? button.closest("image-lightbox").imageId;
  await openWith(picker, upload, imageId, await fetchSeen(picker, imageId));
}

/** Show the one picture that those of the composer become. */
export async function openCanvas(button) {
  const picker = button.closest("form").querySelector("image-picker");
  const [imageId] = picker.pictures[0];
  await openWith(picker, undefined, imageId, await fetchSeen(picker, imageId));
}

async function openWith(picker, upload, imageId, html) {
  if (html) (await show("seen-copies")).begin(picker, upload, imageId, html);
}

/**
 * Show the picture to the model in fine print, or no longer; where one part must be chosen, ask which. The button in a
 * note, which goes with that, only switches it on, and leaves the focus to the other one.
 */
export async function switchFinePrint(button) {
  const picker = button.closest("image-picker");
  const upload = picker.uploadOf(button);
  const { remedied } = button.dataset;
  const isOn = Boolean(remedied) || upload.choice.detail !== "fine";
  if (remedied) {
    upload.element.querySelector("[data-fine-print]").focus();
    announce(remedied);
  }
  picker.choose(upload.id, { detail: isOn ? "fine" : undefined, tiles: undefined });
  if (!isOn) return;
  const html = await fetchSeen(picker, upload.id);
  if (html?.includes("data-tile-choice")) await openWith(picker, upload, upload.id, html);
}

customElements.define("seen-copies", SeenCopies);
