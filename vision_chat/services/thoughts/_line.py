"""The lines of an answer: special tokens are taken out of them, and a closing tag alone is found.

A mark counts only where no sentence would have it: it ends the line, and what stands before it is the end of
a sentence or a word that it is attached to. See docs/decisions/0021-thoughts-and-marks.md.
"""

import re
from dataclasses import dataclass
from typing import Final

from vision_chat.services.thoughts.marks import (
    LONE_CLOSING,
    MARK,
    OPENING,
    STARTERS,
    TOKEN,
    WRAPPED_TOKEN,
    WRAPPER,
    begins_mark,
)

_SENTENCE_ENDS: Final = ".!?。！？…"
_INTRODUCTIONS: Final = "`([{<|/=:,;“‘«„（「『：，、；"
_CONTINUATIONS: Final = " \t`,.;:!?)\"'”’»]}|…-/<>、。，）」はがをでともの는은이가를"
"""Characters after a closing tag that show that a sentence goes on."""
_LIST_ITEM: Final = re.compile(r"[\s>]*(?:[-*+•]|\d{1,9}[.)])\s*\Z")
_BOX: Final = re.compile(r"<\|(begin|end)_of_box\|>")
_ANY: Final = re.compile(f"(?:{MARK.pattern}|(?i:{OPENING.pattern}))")
_TAIL: Final = 64
"""Characters before a mark that tell whether it is spoken of."""
MAX_HELD: Final = 1000
"""Characters that may wait for what follows them, so that each feed costs little."""


@dataclass(frozen=True, slots=True)
class Read:
    """The part of a text that was read: what is shown of it, and how long it is.

    `closing` is the length of a closing tag alone that follows it.
    """

    shown: str
    length: int
    closing: int = 0


class LineReader:
    """Reads an answer, line by line, each in pieces. The texts that it is given have no line ends."""

    def __init__(self, *, has_thought: bool = False, is_wrapped: bool = False) -> None:
        self._is_introduced = False
        """True after a line that ends with a colon or a shown mark: then marks are what is spoken of."""
        self._has_mentioned = False
        """True where the answer has named a mark: then those on lines of their own are spoken of too."""
        self._has_thought = has_thought
        """True after thoughts, which no other closing tag ends."""
        self._tokens = WRAPPED_TOKEN if is_wrapped else TOKEN
        self._is_boxed = False
        self._begin_line()

    def _begin_line(self) -> None:
        self._tail = ""
        self._has_mark = self._is_code = self._is_struck = self._ends_with_mark = self._was_hidden = False

    @property
    def is_gone(self) -> bool:
        """True where nothing is shown of a line that had something."""
        return self._was_hidden and not self._tail.strip()

    def end_line(self) -> None:
        """End the line, all of which was read."""
        if end := self._tail.rstrip():
            self._is_introduced = self._ends_with_mark or end.endswith((":", "："))
        self._begin_line()

    def read(self, text: str, *, is_end: bool) -> Read:
        """Read what is decided of `text`: all of it, where it ends its line."""
        shown: list[str] = []
        position = 0
        for start in STARTERS.finditer(text):
            if start.start() < position:
                continue
            mark = _ANY.match(text, start.start())
            if mark is None and (is_end or not begins_mark(text, start.start())):
                continue
            shown.append(self._show(text[position : start.start()]))
            position = start.start()
            run_end = _end_of_marks(text, position, is_end=is_end)
            is_undecided = run_end == len(text) or begins_mark(text, run_end)
            if is_undecided and not is_end and len(text) - position <= MAX_HELD:
                return Read("".join(shown), position)
            if mark is None:
                continue
            if self._is_closing(text, mark):
                return Read("".join(shown), position, mark.end() - position)
            end = self._end_of_hidden(text, mark, run_end)
            if end > position:
                self._was_hidden = True
            else:
                end = mark.end()
                shown.append(self._show(mark[0], is_mark=True))
            position = end
        shown.append(self._show(text[position:]))
        return Read("".join(shown), len(text))

    def _show(self, text: str, *, is_mark: bool = False) -> str:
        if text:
            self._tail = (self._tail + text)[-_TAIL:]
            self._is_code ^= bool(text.count("`") % 2)
            self._is_struck = self._is_struck or "<s>" in text
            self._ends_with_mark = is_mark or (self._ends_with_mark and not text.strip())
            if is_mark:
                self._has_mark = self._has_mentioned = True
        return text

    def _is_closing(self, text: str, mark: re.Match[str]) -> bool:
        """Return whether this closing tag ends thoughts whose opening tag stood in the prompt."""
        if self._has_thought or self._has_mentioned or not LONE_CLOSING.fullmatch(mark[0]):
            return False
        after = text[mark.end() : mark.end() + _TAIL]
        goes_on = bool(after.strip()) and after[0] in _CONTINUATIONS and not WRAPPER.match(after)
        return not goes_on and not self._is_spoken_of()

    def _end_of_hidden(self, text: str, mark: re.Match[str], run_end: int) -> int:
        """Return the end of what is hidden from this mark on; its beginning where it is shown."""
        if box := _BOX.fullmatch(mark[0]):
            following = text[mark.end() : mark.end() + 1]
            is_begin = box[1] == "begin" and bool(following) and following not in _CONTINUATIONS
            if not self._is_code and (is_begin or (self._is_boxed and box[1] == "end")):
                self._is_boxed = is_begin
                return mark.end()
        ends_line = run_end == len(text) and not _without(self._tokens, text[mark.start() :])
        is_struck = self._is_struck and mark[0] == "</s>"  # HTML
        return mark.start() if not ends_line or is_struck or self._is_spoken_of() else run_end

    def _is_spoken_of(self) -> bool:
        """Return whether a mark here is spoken of: in code, quoted, introduced, within a sentence."""
        before = self._tail
        text = before.rstrip()
        if self._is_code or self._has_mark:
            return True
        if not text:
            return self._is_introduced or self._has_mentioned or before.startswith(("    ", "\t"))
        if text != before:
            return text[-1] not in _SENTENCE_ENDS or _LIST_ITEM.match(before) is not None
        if text[-1] in "\"'":
            return len(text) == 1 or text[-2].isspace() or text[-2] in _INTRODUCTIONS
        return text[-1] in _INTRODUCTIONS


def _end_of_marks(text: str, position: int, *, is_end: bool) -> int:
    """Return the end of the marks and blanks that begin at `position`, before one that may go on."""
    while True:
        while position < len(text) and text[position].isspace():
            position += 1
        mark = _ANY.match(text, position)
        if mark is None or (not is_end and begins_mark(text, position)):
            return position
        position = mark.end()


def _without(tokens: re.Pattern[str], text: str) -> str:
    """Return what is left of `text` without tokens and blanks."""
    return tokens.sub("", text).strip()
