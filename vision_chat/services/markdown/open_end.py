"""The open end of the last block: what may be added there without rendering the block again.

It is the place before the closing tags of block elements with which a block's HTML ends; an inline
element is never entered. An end takes text for as long as its meaning is certain, and then refuses.
Ends of running text and of tables are in `text_end`.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

from vision_chat.services.markdown import maths
from vision_chat.services.markdown.block_html import Rendered, render_open_code
from vision_chat.services.markdown.sanitizer import escape

_CLOSING_TAGS = frozenset(
    f"</{tag}>"
    for tags in (
        ("blockquote", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "pre", "ul"),
        ("table", "tbody", "td", "th", "thead", "tr"),
    )
    for tag in tags
)


MAX_CELLS = 4_000
"""Characters of HTML in which the empty cells at the end of a row are looked for."""


class OpenEnd(Protocol):
    """`take` returns what becomes visible of the text, or None: it changes more than that.

    `grow` then makes the change in the HTML, where that is certain to be all, or says that the block must
    be rendered. `slack`: how many marks may be added to it.
    """

    def take(self, text: str) -> str | None: ...

    def grow(self, text: str, slack: int) -> bool: ...

    def html(self) -> str:
        """The block with everything that was taken and shown."""
        ...


class AddedText:
    """A block's HTML, cut at its open end, and the text that was added there."""

    def __init__(self, html: str) -> None:
        cut = _cut(html)
        self._head, self._tail = html[:cut], html[cut:]
        self._added: list[str] = []

    def html(self) -> str:
        if not self._added:
            return self._head + self._tail
        return self._head + escape("".join(self._added)) + self._tail

    def grow(self, text: str, slack: int) -> bool:
        return False


_EMPTY_CELLS = re.compile(r"(?:\s*<td[^>]*></td>)+\s*\Z")


def _cut(html: str) -> int:
    cut = len(html)
    inner = ""
    while True:
        if inner == "</tr>" and (cells := _EMPTY_CELLS.search(html, max(0, cut - MAX_CELLS), cut)):
            cut = cells.start()  # the row's cells that are still to come
        end = len(html[:cut].rstrip())
        start = html.rfind("<", 0, end)
        tag = html[start:end]
        if tag not in _CLOSING_TAGS and not (tag == "</code>" and inner == "</pre>"):
            return cut
        cut, inner = start, tag


class PlainEnd(AddedText):
    """For an answer that is not rendered any more: takes everything."""

    def take(self, text: str) -> str | None:
        self._added.append(text)
        return text


_FORMULA_END = re.compile(r"</span>(?:\s*</[a-z0-9]+>)*\Z")
_OPEN_FORMULA = '<span class="math math-display math-source">'
# What neither ends a display formula nor a line, and is spelled the same in HTML.
_FORMULA_TEXT: Callable[[str], object] = re.compile(r"[^`$\]<>&\x00-\x1f\x7f\xa0\ud800-\udfff]+").fullmatch


class FormulaEnd(AddedText):
    """For a display formula that has no end yet. The page adds nothing inside of it by itself."""

    def __init__(self, head: str, tail: str, room: int) -> None:
        self._head, self._tail = head, tail
        self._added: list[str] = []
        self._room = room

    def take(self, text: str) -> str | None:
        return None

    def grow(self, text: str, slack: int) -> bool:
        self._room -= len(text)
        if self._room < 0 or _FORMULA_TEXT(text) is None:
            return False
        self._added.append(text)
        return True


def formula_end(rendered: Rendered, source: str) -> FormulaEnd | None:
    """The open end of a block that ends with a display formula which is still open."""
    html = rendered.html
    start = html.rfind(_OPEN_FORMULA)
    end = _FORMULA_END.search(html, start)
    if start == -1 or end is None or source[-1] in "\\]":
        return None
    return FormulaEnd(html[: end.start()], end[0], maths.MAX_LENGTH - len(source))


_FENCE = re.compile(r"(?:(`{3,})([^`\n]*)|(~{3,})([^\n]*))\n")


class CodeEnd(AddedText):
    """For an open fence: takes everything but the line that closes it.

    The beginning of a line is held back for as long as it may become that line.
    """

    def __init__(self, code: str, info: str, fence: str) -> None:
        self._closes, self._may_close = _closing_lines(fence[0], len(fence))
        line = code[code.rfind("\n") + 1 :]
        self._is_line_open = self._may_close(line) is not None
        self._held = line if self._is_line_open else ""
        super().__init__(render_open_code(code[: len(code) - len(self._held)], info))

    def take(self, text: str) -> str | None:
        position = 0
        if not self._is_line_open:
            position = text.find("\n") + 1
            if position == 0:
                self._added.append(text)
                return text
        text = self._held + text
        while (line_end := text.find("\n", position)) != -1:
            if self._closes(text[position:line_end]):
                return None
            position = line_end + 1
        line = text[position:]
        self._is_line_open = self._may_close(line) is not None
        self._held = line if self._is_line_open else ""
        shown = text[: len(text) - len(self._held)]
        self._added.append(shown)
        return shown


@lru_cache(maxsize=32)
def _closing_lines(mark: str, length: int) -> tuple[Callable[[str], object], Callable[[str], object]]:
    closing = re.compile(rf" {{0,3}}{mark}{{{length},}}[ \t]*")
    beginning = re.compile(rf" {{0,3}}{mark}*[ \t]*")
    return closing.fullmatch, beginning.fullmatch


def code_end(source: str) -> CodeEnd | None:
    """The open end of a fence at the beginning of `source`, or None where there is no open one."""
    match = _FENCE.match(source)
    if match is None:
        return None
    fence = match[1] or match[3]
    code = source[match.end() :]
    closes, _ = _closing_lines(fence[0], len(fence))
    if any(map(closes, code.split("\n")[:-1])):
        return None
    return CodeEnd(code, match[2] or match[4] or "", fence)
