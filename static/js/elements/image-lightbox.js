// One picture of the thread, large: as it was uploaded, or as the model got it.

import { text } from "../lib/page.js";

const dialog = document.querySelector("#lightbox");
const part = (name) => dialog.querySelector(`[data-lightbox-${name}]`);
const stage = part("stage");
const picture = part("picture");

let tiles = [];
let index = 0;
let canZoom = true;

/** Show the picture of this tile; its neighbours are the other pictures of the thread. */
export function open(tile) {
  tiles = [...document.querySelectorAll("[data-thread] [data-image]")];
  index = tiles.indexOf(tile);
  part("model").ariaPressed = "false";
  show();
  dialog.showModal();
  stage.focus();
}

function show() {
  const tile = tiles[index];
  const isModelView = part("model").ariaPressed === "true";
  picture.src = isModelView ? tile.dataset.modelUrl : tile.href;
  picture.alt = tile.dataset.name;
  part("name").textContent = tile.dataset.name;
  const position =
    tiles.length > 1 ? `${text("lightbox-position", { index: index + 1, count: tiles.length })} · ` : "";
  part("details").textContent = position + (isModelView ? text("lightbox-model") : tile.dataset.size);
  part("download").href = picture.src;
  part("download").download = tile.dataset.name;
  part("previous").hidden = index === 0;
  part("next").hidden = index === tiles.length - 1;
  zoom(false);
}

function zoom(wanted) {
  const isOriginal = wanted && canZoom;
  stage.toggleAttribute("data-original", isOriginal);
  stage.tabIndex = isOriginal ? 0 : -1; // what can be scrolled can be reached
  part("zoom").ariaPressed = String(isOriginal);
}

/** Zoom in on the place that was pointed at. */
function zoomAt(event) {
  const isOriginal = !stage.hasAttribute("data-original");
  const box = picture.getBoundingClientRect();
  const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  zoom(isOriginal);
  stage.scrollTo(
    x * stage.scrollWidth - stage.clientWidth / 2,
    y * stage.scrollHeight - stage.clientHeight / 2,
  );
}

function step(by) {
  const next = index + by;
  if (!tiles[next]) return;
  index = next;
  const focused = document.activeElement; // read before: a hidden element has lost the focus already
  show();
  if (focused.hidden) stage.focus();
}

part("previous").addEventListener("click", () => step(-1));
part("next").addEventListener("click", () => step(1));
part("zoom").addEventListener("click", () => {
  zoom(!stage.hasAttribute("data-original"));
  if (stage.hasAttribute("data-original")) stage.focus(); // the arrow keys move about in it
});
part("model").addEventListener("click", ({ currentTarget }) => {
  currentTarget.ariaPressed = String(currentTarget.ariaPressed !== "true");
  show();
});
picture.addEventListener("load", () => {
  const { naturalWidth, naturalHeight, clientWidth } = picture;
  canZoom = naturalWidth > clientWidth;
  part("zoom").ariaDisabled = String(!canZoom);
  if (part("model").ariaPressed === "true") part("details").append(`, ${naturalWidth} × ${naturalHeight}`);
});
picture.addEventListener("click", zoomAt);
stage.addEventListener("click", (event) => {
  if (event.target === stage) dialog.close();
});
dialog.addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft" && !stage.hasAttribute("data-original")) step(-1);
  if (event.key === "ArrowRight" && !stage.hasAttribute("data-original")) step(1);
});
dialog.addEventListener("close", () => {
  picture.removeAttribute("src");
  tiles[index]?.focus();
});

let touchedAt = 0;
stage.addEventListener(
  "touchstart",
  (event) => {
    touchedAt = event.touches[0].clientX;
  },
  { passive: true },
);
stage.addEventListener(
  "touchend",
  (event) => {
    const way = event.changedTouches[0].clientX - touchedAt;
    if (Math.abs(way) > 60 && !stage.hasAttribute("data-original")) step(way < 0 ? 1 : -1);
  },
  { passive: true },
);
