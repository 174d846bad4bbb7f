// What is drawn over a picture.

import { lieOver } from "./over-pictures.js";
import { element } from "./svg.js";

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

  #fit() {
    lieOver(this.svg, this.#picture, this.#host);
  }
}
