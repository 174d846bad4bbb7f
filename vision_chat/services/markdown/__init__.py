"""Markdown as HTML blocks that are safe to show, also of a text that is still being written.

A text becomes a list of blocks, one for each top-level element. In: the text, whole or in pieces of any
size. Out: HTML that the sanitizer has passed. What is too much to render is shown as plain text up to the
next empty line; a text that is too long, or cannot be rendered, from there to the end.

For a text that is there:

- `rendering.render(text)`: the blocks of a complete text, declared safe for templates
- `rendering.render_open(text)`: those of a text that goes on, as whoever watches it sees them

For a text that grows:

- `document.StreamingDocument(text)`: the blocks of the text so far. After `feed` returned None, call
  `render`; then the document shows what a fresh one would
- `.feed(text)`: take the next piece, which costs microseconds. Return the plain text that is to be added
  at the insertion point (perhaps ""), or None: the blocks may have changed. Several pieces may be fed
  before `render`
- `.render()`: a list of `changes.Replace` and `changes.Truncate`. It costs up to some milliseconds: the
  caller decides how often it is called, by the time that the last call took
- `.finish()`: the same at the end of the text; no block has an insertion point afterwards
- `.blocks`: the HTML of all blocks, as a page that was told every change shows them

The insertion point is `<i data-end></i>` in the last block, if that has one.

- `highlighting.warm_up()`: prepares the usual languages, on a thread, before the first answer needs one
"""
