"""The open end of the last block: what may be added there without rendering the block again.

It is the place before the closing tags of block elements with which a block's HTML ends; an inline
element is never entered. An end takes text for as long as its meaning is certain, and then refuses.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

from vision_chat.services.block_html import Rendered, render_open_code
from vision_chat.services.sanitizer import escape

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
    """`take` returns what becomes visible of the text, or None: it must be rendered."""

    def take(self, text: str) -> str | None: ...

    def html(self) -> str:
        """The block with everything that was taken and shown."""
        ...


class _AddedText:
    """A block's HTML, cut at its open end, and the text that was added there."""

    def __init__(self, html: str) -> None:
        cut = _cut(html)
        self._head, self._tail = html[:cut], html[cut:]
        self._added: list[str] = []

    def html(self) -> str:
        if not self._added:
            return self._head + self._tail
        return self._head + escape("".join(self._added)) + self._tail


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


class PlainEnd(_AddedText):
    """For an answer that is not rendered any more: takes everything."""

    def take(self, text: str) -> str | None:
        self._added.append(text)
        return text


# Whatever means something to Markdown, or might be spelled differently in HTML.
_SPECIAL = r"\\`*_~\[\]<>&!|$#\x00-\x1f\x7f\xa0\ud800-\udfff"
_plain: Callable[[str], object] = re.compile(f"[^{_SPECIAL}]+").fullmatch


@lru_cache(maxsize=8)
def _text_matcher(*, may_close: bool, in_cell: bool, with_code: bool) -> Callable[[str], object]:
    """What may be added to running text.

    Emphasis that opens after a space is shown as it is until it is closed: it closes nothing itself.
    So is code (`with_code`), where no other code may be open. `may_close`: an address may be open, which
    ")" would close, or an entity, which ";" would.
    """
    special = _SPECIAL if in_cell else _SPECIAL.replace("|", "")
    plain = f"[^{special});]++" if may_close else f"[^{special}]++"
    opening = r"(?<= )[*_]{1,3}(?=[^\W_])"
    code = rf"(?:(?<= )`(?=[^\W_]){plain})?+" if with_code else ""
    return re.compile(f"{plain}(?:{opening}{plain})*+{code}").fullmatch


_MARKERS = r"[ \t]*+(?:(?:[-*+]|\d{1,9}[.)]|#{1,6})[ \t]++(?:\[[ xX]\][ \t]++)?+|>[ \t]*+)*+"
# A line with a letter in its text is no list marker, rule, underline or table delimiter any more.
_BEGUN_LINE = re.compile(_MARKERS + r"(?!<|```|~~~)[^\n]*[^\W\d_]")
# One that begins with a word is no fence, link definition, display formula or raw HTML either.
_CERTAIN_LINE = re.compile(
    _MARKERS
    + r"(?:\|[ \t]*+)?(?:[*_]{1,3}+[^\s*_]|`[^`\n]|[(\"'“„«±€£¥]?[^\W\d_]|[(\"'“„«±€£¥]?\d++[^\d.)\n])"
)


_UNDECIDED_LINE = re.compile(
    r"[ \t>\-+*=_|:#]*+(?:\d{1,9}[.)]?[ \t*_]*)?(?:`{1,2}|```[^`\n]*|~{1,2}|~~~[^~\n]*)?"
)


def is_undecided(line: str) -> bool:
    """Whether an incomplete line has only marks so far, which mean something else with every character.

    Shown at once they would flicker: "-" after a line of text makes it a heading, "- a" begins a list.
    """
    return _UNDECIDED_LINE.fullmatch(line) is not None


def is_certain(line: str) -> bool:
    """Whether nothing that follows on this line can change where a block begins or ends."""
    return _CERTAIN_LINE.match(line) is not None and not is_undecided(line)


# What a line may end with that plain text after it does not change: all of it, or what a space follows.
_ENDINGS = "`!>&[*_~|"
_RUNS = ("*", "_", "~")


class TextEnd(_AddedText):
    """For running text. Spaces at its end are held back: Markdown drops them from the end of a line."""

    IN_CELL = False

    def __init__(self, html: str, source: str) -> None:
        super().__init__(html)
        self._may_close = "](" in source or "&" in source
        self._accepts = self._matcher(with_code="`" not in html)
        # a run of marks means the same before a space as at the end of a line
        self._needs_space = source[-1:] in _RUNS
        self._holds_spaces = not self._tail.startswith("</code>")
        self._held = source[len(source.rstrip(" ")) :] if self._holds_spaces else ""

    def _matcher(self, *, with_code: bool) -> Callable[[str], object]:
        return _text_matcher(may_close=self._may_close, in_cell=self.IN_CELL, with_code=with_code)

    def take(self, text: str) -> str | None:
        if self._accepts(text) is None or (self._needs_space and text[0] != " "):
            return None
        self._needs_space = False
        if "`" in text:
            self._accepts = self._matcher(with_code=False)
        if self._held:
            text = self._held + text
            self._held = ""
        if text[-1] == " " and self._holds_spaces:
            shown = text.rstrip(" ")
            self._held = text[len(shown) :]
            text = shown
        if text:
            self._added.append(text)
        return text

    def is_in_reach(self) -> bool:
        """Whether the last text of the block stands at its open end (in a table it may not)."""
        return bool(self._tail) and "</td>" not in self._tail and "</th>" not in self._tail


class CellEnd(TextEnd):
    """For the cell of a table that is being written: the last one of the last row that is not empty."""

    IN_CELL = True

    def __init__(self, html: str, source: str, *, is_closed: bool) -> None:
        super().__init__(html, source)
        self._is_closed = is_closed

    def take(self, text: str) -> str | None:
        if not text.strip(" |"):
            # the bar after a cell shows nothing; what follows it begins another
            self._is_closed = self._is_closed or "|" in text
            self._held += text
            return ""
        return None if self._is_closed else super().take(text)


def _is_settled(last: str) -> bool:
    return last in _ENDINGS or _plain(last) is not None


def _cell_end(html: str, source: str, line: str) -> CellEnd | None:
    """None where the text is in a cell that the table does not show, or in none yet."""
    written = line.rstrip(" ")
    is_closed = written.endswith("|")
    is_beyond = line.count("|") - is_closed > html.count("</th>")
    if is_beyond or "\\" in line or not (is_closed or _is_settled(written[-1])):
        return None
    return CellEnd(html, source, is_closed=is_closed)


def is_row(line: str, html: str) -> bool:
    """Whether `line`, the last one of a block, is a row of a table: nothing else there begins so."""
    return line.startswith("|") and html.endswith("</tbody></table>")


def text_end(rendered: Rendered, source: str) -> TextEnd | None:
    """The open end of a rendered block, or None where no text at all may be added unseen."""
    line = source[source.rfind("\n") + 1 :]
    if rendered.grows and is_row(line, rendered.html):
        return _cell_end(rendered.html, source, line)
    if not rendered.grows or _BEGUN_LINE.match(line) is None:
        return None
    if not _is_settled(line[-1]) or line.rstrip(" ").endswith(("#", "\t")):
        return None
    end = TextEnd(rendered.html, source)
    return end if end.is_in_reach() else None


_FENCE = re.compile(r"(?:(`{3,})([^`\n]*)|(~{3,})([^\n]*))\n")


class CodeEnd(_AddedText):
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
