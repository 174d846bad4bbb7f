"""One top-level Markdown element as safe HTML, from its own source alone.

Only link definitions come from elsewhere. What the parser must not read is hidden from it (tags
that are text, formulas, addresses); its events become HTML (`_writer`); the sanitizer has the last word.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from vision_chat.services import addresses
from vision_chat.services.markdown import _sanitizer, _spans, _tags, _writer, highlighting
from vision_chat.services.markdown._cells import fitted
from vision_chat.services.markdown._emphasis import separated
from vision_chat.services.markdown._fences import Fence, hide_nested
from vision_chat.services.markdown._lines import has_begun, last_line
from vision_chat.services.markdown._open_end import ending
from vision_chat.services.markdown._parser import Definitions, events, hide
from vision_chat.services.markdown._stand_ins import POINT

INSERTION_POINT = "<i data-end></i>"
_ROWS, _ROWS_END = "<tbody>\n", "</tbody></table>"
_NO_ENDING = "\\*_~`$[]&<#|\t"
_LONGEST_ENTITY = 40
_LONGEST_END = 2_048
_ENTITY = re.compile(r"&#?\w*\Z")
# The destination of a link, a tag or comment, the name of an environment, a command without its end.
_NOT_WHOLE = re.compile(
    r"\]\([^)\n]*\Z|<[^<>\n]{0,200}\Z|\\[A-Za-z]*(?:\{[A-Za-z]*\*?)?\Z|\\(?:boxed|ce)\{[^\n]{0,200}\Z"
)


class Rendered(NamedTuple):
    """HTML up to the insertion point, and after it: None if it has no such point, and `before` is all.

    `references`: what the links refer to that other blocks may define.
    """

    before: str
    after: str | None = None
    references: frozenset[str] = frozenset()

    def html(self, added: str = "") -> str:
        """The HTML with the plain text `added` at the insertion point."""
        if self.after is None:
            return self.before
        return f"{self.before}{_sanitizer.escape(added)}{INSERTION_POINT}{self.after}"


def render_plain(text: str, *, is_open: bool) -> Rendered:
    """Text that is not rendered at all. (The first line break in a pre is not shown by browsers.)"""
    html = f'<pre class="plain">\n{_sanitizer.escape(text)}'
    return Rendered(html, "</pre>") if is_open else Rendered(f"{html}</pre>")


def render_open_fence(source: str, fence: Fence) -> Rendered:
    """A fence without an end: framed like a closed one, not highlighted yet, and open at its end."""
    code = _sanitizer.escape(fence.shown_code(source))
    html = highlighting.frame(code + POINT, highlighting.language_name(fence.info))
    return _cut(_sanitizer.clean(html), frozenset())


def render_block(
    source: str,
    definitions: Definitions,
    *,
    is_table: bool = False,
    is_open: bool = False,
    may_grow: bool = False,
) -> Rendered:
    """Render one element, or several that are held together.

    `is_open`: it is the last block of a text that is still being written. `may_grow`: it is to have an
    insertion point, if there is a place for one; nothing, not even a line break, follows it.
    """
    render = _render_table if is_table else _render_element
    return render(source, definitions, is_open=is_open, may_grow=may_grow)


def _render_element(
    source: str, definitions: Definitions, *, is_open: bool = False, may_grow: bool = False
) -> Rendered:
    text, spans = _prepared(source, is_open=is_open, may_grow=may_grow)
    references: set[str] = set()

    def resolve(reference: str) -> tuple[str, str] | None:
        references.add(reference)
        return definitions.get(reference)

    html = _writer.write(events(text, resolve), spans, is_open=is_open)
    if _tags.has_header_cells(source):
        html = _tags.with_scopes(html)
    # a paragraph is empty where a comment was all of it
    cleaned = _sanitizer.clean(html).replace("<p></p>", "").rstrip("\n")
    return _cut(cleaned, frozenset(references))


def _prepared(source: str, *, is_open: bool, may_grow: bool) -> tuple[str, list[_spans.Span]]:
    """Return what the parser is given of `source`, and the spans that placeholders stand for in it.

    In this order: tags that are text are no tags to match; spans are looked for where tags are known;
    emphasis that is open is closed where spans are no marks any more; and separators go beside all marks.
    """
    text = source.rstrip(" ") if may_grow else source
    if _tags.is_table(text):
        text = _tags.as_one_block(text)
    text = _tags.hide_unmatched(hide(hide_nested(text)), is_open=is_open)
    spans, unclosed = _spans.scan(text)
    if is_open and unclosed != -1:
        spans = [*(span for span in spans if span.end <= unclosed), _spans.open_span(text, unclosed)]
        return separated(_spans.with_placeholders(text, spans)), spans
    text, closing, is_whole = _spans.with_placeholders(text, spans), "", True
    if is_open:
        text, closing, is_whole = ending(text)
    mark = POINT if may_grow and is_whole and _is_certain(source) else ""
    return separated(text) + mark + closing, spans


def _is_certain(source: str) -> bool:
    """Tell if plain text that follows `source` is added to its last text, whatever it is.

    Not after marks whose meaning depends on what comes next, nor in an entity, an address or a definition.
    """
    text = source.rstrip(" ")
    if not text or text[-1] in _NO_ENDING or not has_begun(last_line(text)):
        return False
    if "]:" in text or _ENTITY.search(source, max(0, len(source) - _LONGEST_ENTITY)):
        return False
    return not (addresses.may_go_on(source) or _NOT_WHOLE.search(source, max(0, len(source) - _LONGEST_END)))


def _render_table(
    source: str, definitions: Definitions, *, is_open: bool = False, may_grow: bool = False
) -> Rendered:
    """A table, row by row: so a row that is added to a long one costs no more than the first."""
    names, delimiters, *rows = source.split("\n")
    if not rows:
        return _render_element(source, definitions, is_open=is_open, may_grow=may_grow)
    head = f"{names}\n{delimiters}\n"
    table = _render_element(head, definitions)
    *ended, last_row = rows
    last = _render_element(
        head + fitted(last_row, delimiters), definitions, is_open=is_open, may_grow=may_grow
    )
    shown = [_render_row(head, row, definitions if "]" in row else {}) for row in ended]
    before = "".join(
        (table.before.removesuffix(_ROWS_END), *map(_row_of, shown), last.before.partition(_ROWS)[2])
    )
    references = frozenset().union(*(part.references for part in (table, last, *shown)))
    return Rendered(before, last.after, references)


def _render_row(head: str, row: str, definitions: Definitions) -> Rendered:
    """A table of one row."""
    if not definitions:
        return _row_without_definitions(head, row)
    return _render_element(head + fitted(row, head.split("\n")[1]), definitions)


@lru_cache(maxsize=2048)
def _row_without_definitions(head: str, row: str) -> Rendered:
    return _render_element(head + fitted(row, head.split("\n")[1]), {})


def _row_of(table: Rendered) -> str:
    return table.before.partition(_ROWS)[2].removesuffix(_ROWS_END)


def _cut(html: str, references: frozenset[str]) -> Rendered:
    before, mark, after = html.partition(POINT)
    return Rendered(before, after if mark else None, references)
