// Uploaded pictures in full size.

export function originalUrl(id) {
  return `/images/${id}/original/`;
}

/** The size of the picture at this address, null where it does not come. */
export async function sizeOf(src) {
  const picture = Object.assign(new Image(), { src });
  try {
    await picture.decode();
  } catch {
    return null;
  }
  return { width: picture.naturalWidth, height: picture.naturalHeight };
}
