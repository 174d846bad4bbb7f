"""A Markdown text that is still being written, as HTML blocks.

Complete lines decide where a block ends, and what has ended is never looked at again, unless a link
definition arrives that it waits for. Each block is rendered from its own source alone, so a text that grew
shows what one shows that came at once.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from vision_chat.services.markdown import _limits
from vision_chat.services.markdown._block import (
    Rendered,
    render_block,
    render_open_fence,
    render_plain,
)
from vision_chat.services.markdown._fences import open_fence
from vision_chat.services.markdown._insertion import CodeEnd, InsertionPoint, PlainEnd, TextEnd
from vision_chat.services.markdown._lines import LineBreaks, complete_lines, is_undecided, last_line
from vision_chat.services.markdown._outline import Piece, split
from vision_chat.services.markdown._parser import Definitions, definitions_in
from vision_chat.services.markdown._wrapping import Wrapping
from vision_chat.services.markdown.changes import Change, difference

logger = logging.getLogger(__name__)

MAX_TEXT = 262_144
MAX_HTML = 1_048_576


@dataclass(slots=True)
class _EndedBlock:
    source: str
    piece: Piece
    rendered: Rendered


class StreamingDocument:
    """Blocks of a text that is fed in pieces, whatever the pieces are.

    `feed` is cheap and `render` costs what it costs: the caller decides how often it is called.
    """

    def __init__(self, text: str = "", *, render_block: Callable[..., Rendered] = render_block) -> None:
        self._render_block = render_block
        self._line_breaks = LineBreaks()
        self._wrapping = Wrapping()
        # What is shown: all blocks but the last, the last, and the text that was added to that.
        self._shown: list[str] = []
        self._last: Rendered | None = None
        self._added: list[str] = []
        self._has_failed = False
        self._begin()
        self.feed(text)
        self.render()

    def _begin(self) -> None:
        self._length = 0
        self._ended: list[_EndedBlock] = []
        self._weight = 0
        # The link definitions of blocks that have ended, and those of all complete lines.
        self._ended_definitions: Definitions = {}
        self._definitions: Definitions = {}
        # The text since the last block ended, in parts, and how much of it was searched for ends of blocks.
        self._open: list[str] = []
        self._searched = 0
        self._is_plain = False
        self._insertion_point: InsertionPoint | None = None

    @property
    def blocks(self) -> list[str]:
        """The HTML of every block as of the last `render`, with the text that was added since."""
        return [*self._shown, *self._last_html()]

    def feed(self, text: str) -> str | None:
        """Add `text`. Return what of it is to be added at the insertion point now (perhaps nothing), or None
        if the blocks may have changed: `render` tells how.
        """
        text = self._line_breaks.normalised(text)
        inside = self._wrapping.take(text)
        if inside is None:
            self._begin()
            inside = self._wrapping.unwrapped()
        return self._take(inside)

    def _take(self, text: str) -> str | None:
        self._length += len(text)
        self._open.append(text)
        if self._insertion_point is None:
            return None
        shown = self._insertion_point.take(text)
        if shown is None or (self._length > MAX_TEXT and not self._is_plain):
            self._insertion_point = None
            return None
        self._added.append(shown)
        return shown

    def render(self) -> list[Change]:
        """Render what may have changed; return the changes, beside what `feed` returned."""
        return [] if self._insertion_point else self._update(is_final=False)

    def finish(self) -> list[Change]:
        """Render the text as complete: what waited for an end is shown as what it is without one."""
        self._take(self._wrapping.rest())
        return self._update(is_final=True)

    def _last_html(self) -> list[str]:
        return [] if self._last is None else [self._last.html("".join(self._added))]

    def _update(self, *, is_final: bool) -> list[Change]:
        before = self.blocks
        try:
            shown = self._end_and_render_open(is_final=is_final)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # a parser written in Rust panics with what is no Exception
            if not self._has_failed:
                logger.exception("An answer cannot be rendered, and is shown as plain text")
            self._has_failed, self._insertion_point = True, None
            shown = [render_plain(self._strip_open(), is_open=False)]
        ended = [block.rendered for block in self._ended]
        self._shown = [rendered.before for rendered in (*ended, *shown[:-1])]
        self._last, self._added = (shown[-1] if shown else None), []
        return difference(before, self.blocks)

    def _strip_open(self) -> str:
        """Strip the text since the last block ended of the empty lines it begins with, and return it."""
        self._open = ["".join(self._open).lstrip("\n")]
        return self._open[0]

    def _end_and_render_open(self, *, is_final: bool) -> list[Rendered]:
        """End what has ended; return the blocks after that, and remember where text may be added to them."""
        self._insertion_point = None
        if not self._is_plain:
            self._end_blocks(is_final=is_final)
        shown = [] if self._is_plain or is_final else self._render_open()
        text = self._strip_open()
        if self._is_plain and text:
            self._insertion_point = None if is_final else PlainEnd(text, is_ended_by_empty_line=False)
            return [render_plain(text, is_open=not is_final)]
        return shown

    def _end_blocks(self, *, is_final: bool) -> None:
        """End what complete lines have ended. Whatever passes the limit of the text makes the rest plain."""
        text = self._strip_open()
        fitting = text[: len(text) - max(0, self._length - MAX_TEXT)]
        is_final = is_final and len(fitting) == len(text)
        lines = fitting if is_final else complete_lines(fitting)
        if is_final or len(lines) != self._searched:
            self._learn_definitions(lines)
            pieces = split(lines, is_final=is_final)
            if pieces and not is_final:
                pieces.pop()
            self._end(pieces)
            self._searched = len(lines) - (len(text) - len(self._strip_open()))
        if len(fitting) < len(text) and not self._is_plain:
            begun = fitting[len(text) - len(self._strip_open()) :]
            self._end(split(begun)[:-1])
            self._is_plain = True

    def _end(self, pieces: list[Piece]) -> None:
        """End these elements of the open text, up to the one that makes the whole too much."""
        text, position = self._strip_open(), 0
        try:
            for piece in pieces:
                source = text[piece.start : piece.end]
                heavier = self._weight + _limits.weight(source, is_fence=piece.is_fence or piece.is_excessive)
                self._is_plain = heavier > MAX_HTML
                if self._is_plain:
                    break
                rendered = self._render_piece(source, piece)
                self._ended.append(_EndedBlock(source, piece, rendered))
                for reference, link in definitions_in(source).items():
                    self._ended_definitions.setdefault(reference, link)
                self._weight, position = heavier, piece.end
        finally:
            self._open = [text[position:]]

    def _learn_definitions(self, lines: str) -> None:
        """Render again what refers to a link definition that has changed. `lines` follow what has ended."""
        definitions = {**definitions_in(lines), **self._ended_definitions}
        if definitions == self._definitions:
            return
        changed = {
            reference
            for reference in definitions.keys() | self._definitions.keys()
            if definitions.get(reference) != self._definitions.get(reference)
        }
        self._definitions = definitions
        for block in self._ended:
            if not changed.isdisjoint(block.rendered.references):
                block.rendered = self._render_piece(block.source, block.piece)

    def _render_open(self) -> list[Rendered]:
        text = self._strip_open()
        fence = open_fence(text)
        if fence is not None:
            self._insertion_point = CodeEnd(text, fence)
            return [render_open_fence(text, fence)]
        line = last_line(text)
        decided = text[: len(text) - len(line)] if is_undecided(line) else text
        pieces = split(decided, has_open_line=True)
        if not pieces:
            return []
        *ended, last = pieces
        shown = [self._render_piece(decided[piece.start : piece.end], piece) for piece in ended]
        return [*shown, self._render_last(text, decided, last)]

    def _render_last(self, text: str, decided: str, piece: Piece) -> Rendered:
        if piece.is_excessive and piece.end == len(decided):
            self._insertion_point = PlainEnd(text, is_ended_by_empty_line=True)
            return render_plain(text[piece.start :], is_open=True)
        is_at_end = not text[piece.end :].strip(" ")
        source = text[piece.start :] if is_at_end else decided[piece.start : piece.end]
        may_grow = is_at_end and not piece.is_held and not piece.is_fence
        rendered = self._render_piece(source, piece, is_open=not piece.is_fence, may_grow=may_grow)
        if rendered.after is not None:
            self._insertion_point = TextEnd(source, _limits.MAX_LINE - len(last_line(source)))
        return rendered

    def _render_piece(
        self, source: str, piece: Piece, *, is_open: bool = False, may_grow: bool = False
    ) -> Rendered:
        if piece.is_excessive:
            return render_plain(source, is_open=False)
        return self._render_block(
            source, self._definitions, is_table=piece.is_table, is_open=is_open, may_grow=may_grow
        )
