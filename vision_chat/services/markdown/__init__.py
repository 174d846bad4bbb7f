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

Inside, from a text to its HTML:

    document        what is shown of a growing text, and what has changed
      _wrapping       a fence of Markdown around all of it
      _lines          line ends, and lines that mean nothing yet
      _outline        where its blocks begin and end: as the parser says (_parser), but for
        _holds          what holds blocks together: formulas, comments, tags
        _limits         what is too much
        _fences         fences within a fence of Markdown
      _insertion      which text is added without rendering the block
      _block          one block
        _parser, _tags  what the parser must not read is hidden (_stand_ins)
        _spans          formulas (_formulas), addresses and comments get placeholders
        _open_end       what has begun is closed, while the text goes on
        _emphasis       separators beside Chinese, Japanese and Korean
        _writer         events become HTML, spans too (_mathml, _chemistry, highlighting)
        _sanitizer      the last word
"""
