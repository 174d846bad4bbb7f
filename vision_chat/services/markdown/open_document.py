"""A Markdown text that is still being written, as HTML blocks, at a cost that its length does not change.

Complete lines decide where a block ends; a block that has ended is never looked at again, unless a link
definition arrives that it may be waiting for. Within the last block, text that cannot change its
structure is only added at its open end (see open_end). Whatever would be too much to render is shown
as plain text, and so is all that follows it.
"""

import re
from typing import NamedTuple

from vision_chat.services.markdown.block_html import (
    Definitions,
    Rendered,
    definitions_in,
    render_block,
    render_plain,
)
from vision_chat.services.markdown.changes import Append, Change, Replace, Truncate, difference
from vision_chat.services.markdown.ended_blocks import EndedBlocks
from vision_chat.services.markdown.lines import (
    LineBreaks,
    complete_lines,
    is_certain,
    is_simple,
    is_undecided,
    only_begins_lines,
)
from vision_chat.services.markdown.open_end import OpenEnd, PlainEnd, code_end, formula_end
from vision_chat.services.markdown.outline import (
    MAX_BLOCK,
    MAX_DEPTH,
    MAX_EVENTS,
    Piece,
    first_open,
    split,
    start_of_open_text,
)
from vision_chat.services.markdown.text_end import TextEnd, begun_block, is_row, text_end

__all__ = ["Append", "Change", "OpenDocument", "Replace", "Truncate"]

MAX_TEXT = 262_144

_LIST_ENDS = ("</ul>", "</ol>")
# Of a block that was begun without a parser, at most: a list, its item, what is emphasised in it.
_DEPTH_OF_BEGUN = 4
_FENCES = ("```", "~~~")
# Each of these may nest what follows one level deeper.
_DEEPENING = re.compile(r"[*_~\[!<]")


class _Shown(NamedTuple):
    source: str
    is_open: bool
    rendered: Rendered


class OpenDocument:
    """`OpenDocument(text)` shows what one shows that was fed the same text in whatever pieces."""

    def __init__(self, text: str = "") -> None:
        self._texts: list[str] = []
        self._room = MAX_TEXT
        self._line_breaks = LineBreaks()
        self._ended = EndedBlocks()
        self._definitions: Definitions = {}
        # The text since the last block began, in parts, and what is shown of it.
        self._parts: list[str] = []
        self._shown: list[_Shown] = []
        self._end: OpenEnd | None = None
        self._is_plain = False
        self._last_start = 0
        # How many marks may be added to this line before the outline must be taken again.
        self._slack = -1
        # The end of a line, and what has begun after it, where the line is still shown as if it were open.
        self._owed = ""
        self.extend(text)

    @property
    def text(self) -> str:
        """All that was fed, as it was."""
        return "".join(self._texts)

    @property
    def blocks(self) -> list[str]:
        """The HTML of every block, text that was added included."""
        return [*self._ended.html, *self._open_html()]

    def extend(self, text: str) -> list[Change]:
        """Add `text`, and tell what that changes."""
        self._texts.append(text)
        if self._line_breaks.ended_with_return or not text.isprintable():
            text = self._line_breaks.normalised(text)
        self._room -= len(text)
        if self._room < 0 and not self._is_plain:
            return self._extend_over_limit(text)
        return self._extend(text)

    def finish(self) -> list[Change]:
        """The text is complete: what waited for an end is shown as what it is without one."""
        if not self._is_plain:
            return self._update("", is_final=True)
        before = self.blocks
        afresh = OpenDocument(self.text)
        if not afresh._is_plain:
            afresh.finish()
        vars(self).update(vars(afresh))
        return difference(before, self.blocks, first=0)

    def _extend(self, text: str) -> list[Change]:
        if not text:
            return []
        self._parts.append(text)
        if self._end is not None:
            visible = None if self._owed else self._end.take(text)
            if visible is not None:
                return [Append(visible)] if visible else []
            if self._end.grow(self._owed + text, self._slack) or self._begin_block(self._owed + text):
                self._slack -= 1
                self._owed = ""
                return [Replace(len(self._ended.html) + len(self._shown) - 1, self._end.html())]
        return self._update(text)

    def _begin_block(self, text: str) -> bool:
        """Whether `text` is an empty line and the first words of a block that needs no rendering."""
        if text[:2] != "\n\n" or self._slack <= 0 or len(self._shown) != 1 or self._end is None:
            return False
        line, shown, html = text.lstrip("\n"), self._shown[0], self._end.html()
        begun = begun_block(line)
        if begun is None or shown.rendered.is_provisional or not is_simple(self._open_text()):
            return False
        if html.endswith(_LIST_ENDS) and begun.html().endswith(_LIST_ENDS):
            return False  # the list may go on
        ended = self._open_text()[: -len(line)]
        if not self._ended.admits(ended[self._last_start :].rstrip("\n")):
            return False
        self._ended.texts.append(ended)
        self._ended.html.append(html)
        rendered = Rendered(begun.html(), grows=True, is_provisional=False)
        self._parts, self._shown, self._end = [line], [_Shown(line, is_open=True, rendered=rendered)], begun
        self._last_start, self._slack = 0, MAX_DEPTH - _DEPTH_OF_BEGUN
        return True

    def _extend_over_limit(self, text: str) -> list[Change]:
        changes = self._extend(text[: self._room])
        if not self._is_plain:
            first, before = len(self._ended.html), self._open_html()
            self._become_plain(self._open_text())
            changes += difference(before, self._open_html(), first=first)
        return changes + self._extend(text[self._room :])

    def _open_text(self) -> str:
        self._parts = ["".join(self._parts)]
        return self._parts[0]

    def _last_line(self) -> str:
        text = self._open_text()
        return text[text.rfind("\n") + 1 :]

    def _open_html(self) -> list[str]:
        html = [shown.rendered.html for shown in self._shown]
        if self._end is not None:
            html[-1:] = [self._end.html()]
        return html

    def _update(self, added: str, *, is_final: bool = False) -> list[Change]:
        ends_line = is_final or self._owed or "\n" in added
        if not is_final and is_undecided(self._last_line()):
            if self._may_owe(added):
                self._owed += added
                return []
            if "\n" not in added:
                return []
        first, before = len(self._ended.html), self._open_html()
        self._remember_added(before, len(self._owed) + len(added))
        self._owed = ""
        pieces: list[Piece] | None = None
        if ends_line:
            if "]:" in self._open_text() and self._learn_definitions(is_final=is_final):
                first, before = 0, self.blocks
                self._begin_again()
            pieces = self._end_blocks(is_final=is_final)
        if not self._is_plain:
            self._show_open(pieces, added)
        return difference(before, self._ended.html[first:] + self._open_html(), first=first)

    def _may_owe(self, added: str) -> bool:
        """Whether it makes no difference yet that a line has ended: what it is was certain before, and
        what has begun after it is nothing yet. Both are looked at together, with what comes next.
        """
        text = self._open_text()
        if self._owed and "\n" not in added:
            return True
        line = text[text.rfind("\n", 0, len(text) - len(added)) + 1 : len(text) - len(added)]
        was_certain = is_certain(line) or (bool(self._owed) and not line)
        return was_certain and only_begins_lines(added) and is_simple(text)

    def _remember_added(self, html: list[str], new: int) -> None:
        """Text that was only added makes the HTML that rendering it again would: most blocks end so."""
        if isinstance(self._end, TextEnd) and self._shown:
            text = self._open_text()
            source = text[self._last_start : len(text) - new]
            last = self._shown[-1]
            self._shown[-1] = last._replace(source=source, rendered=last.rendered._replace(html=html[-1]))

    def _learn_definitions(self, *, is_final: bool) -> bool:
        """Whether the link definitions are others now: any earlier block may wait for one."""
        text = "".join((*self._ended.texts, self._open_text()))
        definitions = definitions_in(text if is_final else complete_lines(text))
        is_new = definitions != self._definitions
        self._definitions = definitions
        return is_new

    def _begin_again(self) -> None:
        self._parts = [*self._ended.texts, *self._parts]
        self._ended, self._shown, self._end = EndedBlocks(), [], None

    def _end_blocks(self, *, is_final: bool) -> list[Piece] | None:
        """Complete lines, and one whose meaning is certain, decide what has ended: all but the last block.

        Return what is open where that is already known: where nothing uncertain is to be shown.
        """
        text = self._open_text()
        is_whole = is_final or (is_certain(self._last_line()) and is_simple(text))
        lines = text if is_whole else complete_lines(text)
        pieces = split(lines, is_final=is_final)
        count = len(pieces) if is_final else first_open(text, pieces)
        self._slack = -1
        for piece in pieces[:count]:
            if piece.is_excessive or not self._ended.admits(piece.source, is_fence=piece.is_fence):
                self._become_plain(text[piece.start :])
                return None
            self._ended.html.append(self._rendered(piece.source, is_open=False).html)
        start = len(text) if is_final else start_of_open_text(text, pieces[count:])
        self._ended.texts.append(text[:start])
        self._parts = [text[start:]]
        if not is_undecided(text[len(lines) :]):
            return None
        return [piece._replace(start=piece.start - start) for piece in pieces[count:]]

    def _become_plain(self, text: str) -> None:
        self._is_plain, self._owed = True, ""
        self._shown = []
        self._end = PlainEnd(render_plain(text))

    def _show_open(self, pieces: list[Piece] | None, added: str) -> None:
        text = self._open_text()
        self._slack -= len(_DEEPENING.findall(added))
        self._end = code_end(text) if text.startswith(_FENCES) else None
        if self._end is not None:
            self._shown, self._slack = [], -1
        elif pieces is not None:
            self._show_pieces(text, pieces)
        elif self._slack < 0 or "]:" in text or len(text) - self._last_start > MAX_BLOCK:
            # (a link definition may still swallow the lines after it, for its title)
            self._show_pieces(text, split(text, is_final=False))
        else:
            self._shown[-1] = self._show(text[self._last_start :], is_open=True)
            self._end = self._text_end(text)

    def _show_pieces(self, text: str, pieces: list[Piece]) -> None:
        self._slack = -1
        if not pieces:
            self._shown = []
            return
        *ended, last = pieces
        shown = [self._show(piece.source, is_open=False) for piece in ended]
        if last.is_excessive:
            self._ended.html += [piece.rendered.html for piece in shown]
            self._become_plain(text[last.start :])
            return
        is_closed_fence = last.is_fence and last.start == 0 and text.startswith(_FENCES)
        rendered = self._rendered(last.source, is_open=not is_closed_fence)
        self._shown = [*shown, _Shown(last.source, not is_closed_fence, rendered)]
        if last.start + len(last.source) == len(text):
            self._end = self._text_end(text)
            self._last_start = last.start
            self._slack = _slack(last, rendered)

    def _text_end(self, text: str) -> OpenEnd | None:
        last = self._shown[-1]
        if "]:" in text:
            return None
        if last.rendered.grows:
            return text_end(last.rendered, last.source)
        return formula_end(last.rendered, last.source) if last.rendered.is_provisional else None

    def _show(self, source: str, *, is_open: bool) -> _Shown:
        return _Shown(source, is_open, self._rendered(source, is_open=is_open))

    def _rendered(self, source: str, *, is_open: bool) -> Rendered:
        for known in self._shown:
            is_same = known.is_open == is_open or (known.is_open and not known.rendered.is_provisional)
            if is_same and known.source == source:
                return known.rendered
        return render_block(source, self._definitions, is_open=is_open)


def _slack(last: Piece, rendered: Rendered) -> int:
    """How many marks on the last line can neither move the beginning of a block nor pass a limit."""
    line = last.source[last.source.rfind("\n") + 1 :]
    is_known = is_certain(line) or is_row(line, rendered.html)
    if not rendered.grows or last.events > MAX_EVENTS // 2 or not is_known:
        return -1
    return MAX_DEPTH - last.depth
