"""Image processing: an untrusted file becomes upright sRGB images without metadata. The only user of Pillow.

    file ── _decoding ── _colour ──┬── original     full size, for zooming in
                                   ├── thumbnail    for the thread
                                   └── copy         for one model, by its recipe

- `processing.process(source, limits, rules)`: original, thumbnail and copy of an upload; raises ImageErrors
- `processing.process_edit(original, edit, ...)`: the same of a stored original that a person edits
- `edits.Edit`: flips, turns, redactions, a crop; `marks` draws what stands on top
- `copies.make_copy(originals, recipe, source_format)`: another copy, from stored originals
- `encoding.Rendition`: an encoded image: bytes, type and size
- `text_height.text_height(image, ground)`: how high small text is
- `calm_rows.calm_rows(image, ground)`: where a long strip can be cut between lines of text
- `limits.Limits`: limits of an upload and of its thumbnail
- `notes.ImageNote`: remarks about what was taken
- `removed.RemovedData`: what a file said beside its pixels
- `perceptual_hash.perceptual_hash(encoded)`, `look_alike`: which images look alike
- `worker.ImageWorker`: the thread on which a server calls these functions, which block and need memory
- `previews.make_preview(path)`: a small image of what is not stored
- `tiff_pages.has_several_pages(path)`: whether pages of a TIFF are chosen; `_tiff_child` draws them, in a
  process of `services.documents`
- `codecs.check_codecs()`: the formats that this installation cannot decode

`_decoding` hands files to `_jpeg` (scaled, or cut off), `_png` (without its text), `_raw` (a camera's
preview) and `_frames` (animations, pages); `_deep_colour` and
`_grey` scale more than 8 bits; `_colour` uses `_grey` and `_hdr` (colours
named by numbers); `_ground` is what transparent images are shown on.
"""
