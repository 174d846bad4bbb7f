// Pictures of others that a reviewer sees blurred or grey until they want to see one.

/** Whether the picture of this tile is veiled. */
export function isVeiled(tile) {
  const { pictures = "shown" } = tile.closest("[data-thread]")?.dataset ?? {};
  return pictures !== "shown" && !("wanted" in tile.dataset);
}

export function unveil(tile) {
  tile.dataset.wanted = "";
}
