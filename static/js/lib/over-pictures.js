// What lies over pictures.

/**
 * Place `layer` just over a picture, of which its element may show a part. `host` is positioned and has both in it; it may
 * scroll.
 */
export function lieOver(layer, picture, host) {
  const sides = [picture.naturalWidth || picture.width, picture.naturalHeight || picture.height];
  const box = picture.getBoundingClientRect();
  const around = host.getBoundingClientRect();
  const scales = [box.width / sides[0], box.height / sides[1]];
  const scale = getComputedStyle(picture).objectFit === "cover" ? Math.max(...scales) : Math.min(...scales);
  if (!Number.isFinite(scale)) return;
  const [width, height] = sides.map((side) => side * scale);
  const { style } = layer;
  style.width = `${width}px`;
  style.height = `${height}px`;
  style.left = `${box.left - around.left - host.clientLeft + host.scrollLeft + (box.width - width) / 2}px`;
  style.top = `${box.top - around.top - host.clientTop + host.scrollTop + (box.height - height) / 2}px`;
}
