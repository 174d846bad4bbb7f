"""Insertion points: which text may be added at the end of a block without rendering the block again."""

import re
from typing import Protocol

from vision_chat.services import addresses
from vision_chat.services.markdown._fences import Fence
from vision_chat.services.markdown._lines import EMPTY_LINE, last_line
from vision_chat.services.markdown._stand_ins import POINT, SEPARATOR

# Nothing that means something to Markdown, or that HTML spells differently.
_PLAIN = re.compile(rf"[^\\`*_~\[\]<>&|$#\x00-\x1f\x7f\xa0{SEPARATOR}{POINT}\ud800-\udfff]+")


# As much of a word as the beginning of an address in it takes.
_WORD = 4


class InsertionPoint(Protocol):
    """The end of the last block, where text is added for as long as its meaning is certain."""

    def take(self, text: str) -> str | None:
        """Return what of `text` is shown now, or None if the block must be rendered again."""


class PlainEnd:
    """The end of text that is not rendered: takes everything, or all before an empty line."""

    def __init__(self, source: str, *, is_ended_by_empty_line: bool) -> None:
        self._is_ended = is_ended_by_empty_line
        self._before = _beginning_of_empty_line(source)

    def take(self, text: str) -> str | None:
        if self._is_ended and EMPTY_LINE.search(self._before + text):
            return None
        self._before = _beginning_of_empty_line(self._before + text)
        return text


class TextEnd:
    """The end of running text. Spaces are held back, as Markdown drops them from the end of a line.

    `room`: the number of characters by which the block may still grow.
    """

    def __init__(self, source: str, room: int) -> None:
        self._held = source[len(source.rstrip(" ")) :]
        self._room = room
        self._may_close_address = "](" in source
        self._word = source[-_WORD:]

    def take(self, text: str) -> str | None:
        self._room -= len(text)
        if self._room < 0 or _PLAIN.fullmatch(text) is None:
            return None
        if self._may_close_address and ")" in text:
            return None
        if addresses.begins_in(self._word + text):
            return None
        self._word = (self._word + text)[-_WORD:]
        text = self._held + text
        shown = text.rstrip(" ")
        self._held = text[len(shown) :]
        return shown


class CodeEnd:
    """The end of a fence: takes everything but the line that closes it.

    The beginning of a line is held back for as long as it may become that line.
    """

    def __init__(self, source: str, fence: Fence) -> None:
        self._fence = fence
        line = last_line(source)
        # The incomplete line while it may close the fence; None once it is shown.
        self._held = line if fence.may_be_closed_by(line) else None

    def take(self, text: str) -> str | None:
        is_line_shown, text = self._held is None, (self._held or "") + text
        *ended, line = text.split("\n")
        if any(map(self._fence.is_closed_by, ended[is_line_shown:])):
            return None
        if is_line_shown and not ended:
            return text
        self._held = line if self._fence.may_be_closed_by(line) else None
        return text[: len(text) - len(self._held or "")]


def _beginning_of_empty_line(text: str) -> str:
    """The end of `text` from its last line break on, if nothing but blanks follows that."""
    line = last_line(text)
    return "" if line.strip(" \t") or len(line) == len(text) else f"\n{line}"
