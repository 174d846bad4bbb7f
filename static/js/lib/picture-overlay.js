// What is drawn over a picture.

import { element } from "./region-drawing.js";

/** An SVG that lies just over a picture, whatever size that has; lengths in it are percentages of it. */
export class PictureOverlay {
  #picture;
  #host;
  #sizes = new ResizeObserver(() => this.#fit());
  svg = element("svg", { class: "picture-overlay", overflow: "visible" });

  /** `host` is positioned and has the picture in it; it may scroll. */
  constructor(picture, host, svg) {
    [this.#picture, this.#host] = [picture, host];
    if (svg) this.svg = svg;
    else this.svg.setAttribute("aria-hidden", "true"); // chips say the same
  }

  show(...shapes) {
    this.svg.replaceChildren(...shapes);
    if (!this.svg.isConnected) this.#host.append(this.svg);
    this.#sizes.observe(this.#picture);
    this.#sizes.observe(this.#host);
    this.#fit();
  }

  remove() {
    this.#sizes.disconnect();
    this.svg.remove();
  }

  /** Lie where the picture is, of which its element may show a part. */
  #fit() {
    const [picture, host] = [this.#picture, this.#host];
    const sides = [picture.naturalWidth || picture.width, picture.naturalHeight || picture.height];
    const box = picture.getBoundingClientRect();
    const around = host.getBoundingClientRect();
    const scales = [box.width / sides[0], box.height / sides[1]];
    const scale = getComputedStyle(picture).objectFit === "cover" ? Math.max(...scales) : Math.min(...scales);
    if (!Number.isFinite(scale)) return;
    const [width, height] = sides.map((side) => side * scale);
    const { style } = this.svg;
    style.width = `${width}px`;
    style.height = `${height}px`;
    style.left = `${box.left - around.left - host.clientLeft + host.scrollLeft + (box.width - width) / 2}px`;
    style.top = `${box.top - around.top - host.clientTop + host.scrollTop + (box.height - height) / 2}px`;
  }
}
