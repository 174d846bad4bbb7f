// Elements of SVG.

const NAMESPACE = "http://www.w3.org/2000/svg";

export function element(name, attributes = {}) {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}

export function words(text, attributes) {
  const drawn = element("text", attributes);
  drawn.textContent = text;
  return drawn;
}
