// Two pictures: side by side, enlarged and moved about together, or one over the other with a divider or their difference.

import { show } from "../lib/dialogs.js";
import { originalUrl } from "../lib/originals.js";
import { hasRoom, isAttached, pictureOf } from "../lib/regions.js";
import { text } from "../lib/strings.js";
import { Viewport } from "../lib/viewport.js";

/** A picture to be compared: {id, name, url, ground, kept}, `kept` to attach it to a question. */
class PictureCompare extends HTMLElement {
  #choices = [];
  #sides;
  #leader = null; // the stage that a person moves; the other one follows

  connectedCallback() {
    this.#sides = [...this.querySelectorAll("[data-side]")].map((side) => this.#prepared(side));
    this.addEventListener("click", (event) => this.#clicked(event));
    this.addEventListener("change", ({ target }) => target.name === "way" && this.#show(target.value));
    this.querySelector("[data-divider]").addEventListener("input", ({ target }) => {
      target.parentElement.style.setProperty("--divider", `${target.value}%`);
    });
    this.querySelector("dialog").addEventListener("close", () => {
      for (const picture of this.querySelectorAll("img")) picture.removeAttribute("src");
    });
  }

  /** Show these two of the pictures that can be compared. */
  begin(choices, left, right) {
    this.#choices = choices;
    for (const [side, chosen] of [
      [this.#sides[0], left],
      [this.#sides[1], right],
    ]) {
      const names = choices.map(({ name }, index) => new Option(`${index + 1}: ${name}`, String(index)));
      side.select.replaceChildren(...names);
      side.select.value = String(choices.indexOf(chosen));
      this.#load(side);
    }
  }

  /** Show them in this way: "sides", "slider" or "difference". */
  #show(way) {
    this.#zoom(false);
    this.querySelector("dialog").dataset.way = way;
  }

  #prepared(element) {
    const [stage, select] = ["[data-stage]", "select"].map((part) => element.querySelector(part));
    const picture = Object.assign(new Image(), { draggable: false });
    stage.append(picture);
    const over = Object.assign(new Image(), { draggable: false });
    this.querySelector("[data-divider]").before(over);
    const side = {
      stage,
      pictures: [picture, over],
      picture,
      select,
      viewport: new Viewport(stage, picture),
    };
    select.addEventListener("change", () => this.#load(side));
    for (const type of ["pointerdown", "wheel", "keydown", "touchstart"])
      stage.addEventListener(type, () => this.#lead(stage), { passive: true });
    stage.addEventListener("scroll", () => this.#follow(stage), { passive: true });
    return side;
  }

  #chosen({ select }) {
    return this.#choices[Number(select.value)];
  }

  #load(side) {
    const { name, url, ground = "" } = this.#chosen(side);
    this.#zoom(false);
    for (const picture of side.pictures) {
      Object.assign(picture, { src: url, alt: name });
      picture.dataset.ground = ground;
    }
  }

  get #isZoomed() {
    return this.querySelector("[data-zoom]").ariaPressed === "true";
  }

  #zoom(isZoomed) {
    this.querySelector("[data-zoom]").ariaPressed = String(isZoomed);
    for (const { viewport } of this.#sides) viewport.showOriginal(isZoomed);
  }

  #lead(stage) {
    this.#leader = stage;
  }

  /** Show on the other side what lies at the same share of the way: the pictures need not be equally large. */
  #follow(stage) {
    if (this.#leader !== stage) return;
    const other = this.#sides.find((side) => side.stage !== stage).stage;
    other.scrollTo(
      along(stage.scrollLeft, stage.scrollWidth - stage.clientWidth, other.scrollWidth - other.clientWidth),
      along(
        stage.scrollTop,
        stage.scrollHeight - stage.clientHeight,
        other.scrollHeight - other.clientHeight,
      ),
    );
  }

  #clicked(event) {
    const { target } = event;
    if (target.closest("[data-close]")) this.querySelector("dialog").close();
    else if (target.closest("[data-zoom]")) this.#zoom(!this.#isZoomed);
    else if (target.closest("[data-ask]")) this.#ask();
    else if (target.matches("[data-stage] img")) this.#zoomAt(event);
  }

  #zoomAt(event) {
    const { viewport } = this.#sides.find(({ picture }) => picture === event.target);
    const place = viewport.placeAt(event);
    this.#zoom(!this.#isZoomed);
    this.#leader = null; // each is scrolled to the place by itself
    for (const side of this.#sides) side.viewport.centre(place);
  }

  /** Put the question into the message box, with both pictures. */
  #ask() {
    const composer = document.querySelector("chat-composer");
    const picker = composer.querySelector("image-picker");
    this.querySelector("dialog").close();
    for (const side of this.#sides) {
      const { id, kept } = this.#chosen(side);
      if (isAttached(picker, id)) continue;
      if (!hasRoom(picker)) return composer.say(text("no-room"), "wrong");
      picker.restore([kept]);
    }
    composer.take({ text: text("ask-differences"), images: [] });
  }
}

function along(position, length, otherLength) {
  return length > 0 ? (position / length) * otherLength : 0;
}

/** The pictures that can be compared: those of the thread, then those of the message. Each stands there once. */
function comparable(picker) {
  const ofThread = [...document.querySelectorAll("[data-thread] [data-image]")].map((tile) => ({
    id: tile.dataset.image,
    name: tile.dataset.name,
    url: tile.href,
    ground: tile.dataset.ground,
    kept: pictureOf(tile),
  }));
  const attached = picker.ready.map((kept) => ({
    id: kept.id,
    name: kept.name,
    url: originalUrl(kept.id),
    kept,
  }));
  return [...new Map([...ofThread, ...attached].map((picture) => [picture.id, picture])).values()];
}

/** Compare the pictures of the message; from the viewer its picture with the one before or, if none, after it. */
export async function open(button) {
  const lightbox = button.closest("image-lightbox");
  const picker =
    button.closest("image-picker") ?? document.querySelector("chat-composer").querySelector("image-picker");
  const choices = comparable(picker);
  const find = (id) => choices.findIndex((picture) => picture.id === id);
  const pair = lightbox ? pairWith(find(lightbox.imageId)) : picker.ids.slice(0, 2).map(find);
  lightbox?.leave();
  const [left, right] = pair.map((index) => choices[index] ?? choices[0]);
  (await show("picture-compare")).begin(choices, left, right);
}

function pairWith(index) {
  return index ? [index - 1, index] : [0, 1];
}

customElements.define("picture-compare", PictureCompare);
