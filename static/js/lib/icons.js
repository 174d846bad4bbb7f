// Icons are symbols of the sprite in templates/_icons.html.

const SVG = "http://www.w3.org/2000/svg";

/** A fresh element that shows the icon of this name. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "use"));
  setIcon(svg, name);
  return svg;
}

/** Show another icon in `root`, which is an icon or has one in it. */
export function setIcon(root, name) {
  root.querySelector("use").setAttribute("href", `#icon-${name}`);
}
