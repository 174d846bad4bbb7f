"""A text that grows, divided into thoughts and answer.

Where a closing tag comes whose opening tag stood in the model's prompt, what was shown as the answer turns
out to be thoughts: then the answer begins afresh.
"""

import re
from typing import Final

from vision_chat.services.thoughts._joining import gap, keeps_blanks
from vision_chat.services.thoughts._line import MAX_HELD, LineReader, Read
from vision_chat.services.thoughts.growing import GrowingText
from vision_chat.services.thoughts.marks import (
    BEGINNING,
    CLOSINGS,
    LONE_CLOSING,
    OPENING,
    STARTERS,
    TAGS,
    TOKEN,
    WRAPPER,
    begun_at,
)

_SENTENCE_AFTER_TAG: Final = re.compile(r"[,;:)`\"'”|/、。，はがをでとも]|-\w|[ \t]+(?:[a-zß-ÿ]|[(–—=:]|-\s)")
MAX_REMOVALS: Final = 100
"""Marks that are taken from the beginning of an answer, so that a text of nothing else costs little."""
_QUOTES: Final = "`\"'“‘«"
_FENCE: Final = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}|~{3,})")
_CLOSING_FENCE: Final = re.compile(rf"(\s*)(`{{3,}}|~{{3,}})\s*((?:{TOKEN.pattern}\s*)*)\Z")


class Divider:
    """Divides what is fed. A reply that is continued has several parts, each with thoughts of its own."""

    def __init__(self) -> None:
        self.thoughts = GrowingText()
        self.answer = GrowingText()
        self._before = ""
        """The answer of earlier parts."""
        self._unread = ""
        """Text that is undecided."""
        self._closing: re.Pattern[str] | None = None
        """The end of the thoughts that are open."""
        self._keeps_blanks = False
        """True once a part shows that its endpoint drops no blank, which says nothing of another endpoint."""
        self._is_beginning = True
        self._has_removed = False
        self._thoughts_go_on = False
        """True where more thoughts go on with the last ones."""
        self._has_thought = False
        self._fence = ""
        self._begun_line = ""
        """The beginning of the open line of the answer."""
        self._lines = LineReader()
        self._removals = 0

    @property
    def has_thought(self) -> bool:
        """True where this part has thoughts."""
        return self._has_thought

    @property
    def has_answered(self) -> bool:
        """True where this part has begun its answer."""
        return not self._is_beginning

    @property
    def held(self) -> int:
        """Number of characters that wait for what follows them."""
        return len(self._unread)

    @property
    def missing_end(self) -> str:
        """What ends the thoughts or the code that are open, on a line of its own; "" where none are."""
        if self._closing is not None:
            return f"\n{TAGS[CLOSINGS.index(self._closing)].closings[0]}\n"
        return f"\n{self._fence}\n" if self._fence else ""

    def think(self, text: str) -> None:
        """Add thoughts that came beside the text."""
        self._add_thoughts(text)

    def feed(self, text: str) -> None:
        """Add text."""
        self._unread += text
        self._read(is_final=False)

    def finish(self) -> None:
        """Read what is undecided as the end of the text."""
        self._read(is_final=True)

    def begin_part(self) -> None:
        """End the part; the text that follows is written by another generation."""
        self.finish()
        self._before, self._unread, self._closing = str(self.answer), "", None
        self._is_beginning, self._has_removed = True, False
        self._thoughts_go_on = self._has_thought = False
        self._lines, self._removals, self._begun_line = LineReader(), 0, ""

    def _read(self, *, is_final: bool) -> None:
        is_read = False
        while self._unread and not is_read:
            if self._closing is not None:
                is_read = self._read_thoughts(self._closing, is_final=is_final)
            elif self._is_beginning:
                is_read = self._read_beginning(is_final=is_final)
            else:
                is_read = self._read_answer(is_final=is_final)

    # each reads a step, and returns True where the rest must wait for more

    def _read_beginning(self, *, is_final: bool) -> bool:
        text = self._unread.lstrip()
        is_too_much = self._removals > MAX_REMOVALS or len(self._unread) > len(text) + MAX_HELD
        indent = self._unread[: len(self._unread) - len(text)].rpartition("\n")[2]
        is_words = text and (not STARTERS.match(text) or indent.startswith(("    ", "\t")))
        if is_too_much or is_words:
            return self._begin_answer(text)
        if not text or (begun_at(text) == 0 and not is_final):
            return not is_final or self._begin_answer(text)
        if tag := OPENING.match(text):
            after = text[tag.end() :]
            if not is_final and (not after or after in " \t-"):
                return True
            if not _SENTENCE_AFTER_TAG.match(after):
                self._closing = CLOSINGS[(tag.lastindex or 1) - 1]
                self._lines = LineReader(has_thought=True)
                self._remove(after)
                return False
            return self._begin_answer(text)
        return self._skip_mark(text, is_final=is_final)

    def _skip_mark(self, text: str, *, is_final: bool) -> bool:
        """Take out a token, a wrapper or a closing tag with which an answer begins."""
        patterns = [BEGINNING, LONE_CLOSING, *([WRAPPER] if self._has_removed else [])]
        mark = next((found for pattern in patterns if (found := pattern.match(text))), None)
        if mark is None:
            return self._begin_answer(text)
        after = text[mark.end() :]
        if not after.strip(" \t") and len(after) <= MAX_HELD and not is_final:
            return True
        is_spoken_of = after[:1] in {" ", "\t"} and after.strip(" \t")[:1] not in {"", "\n", "\r"}
        if is_spoken_of or _SENTENCE_AFTER_TAG.match(after):
            return self._begin_answer(text)
        if mark.re is WRAPPER:
            self._lines = LineReader(has_thought=True, is_wrapped=True)
        self._remove(after)
        return False

    def _remove(self, rest: str) -> None:
        self._unread, self._has_removed = rest, True
        self._removals += 1

    def _begin_answer(self, text: str) -> bool:
        if self._has_removed:
            self._unread = text
        self._is_beginning = False
        self._keeps_blanks = self._keeps_blanks or keeps_blanks(self._unread)
        if not (self._fence or self._keeps_blanks):
            self.answer.add(gap(self._before, self._unread))
        return not self._unread

    def _read_thoughts(self, closing: re.Pattern[str], *, is_final: bool) -> bool:
        text = self._unread
        for tag in closing.finditer(text):
            before, after = text[: tag.start()][-1:], text[tag.end() : tag.end() + 1]
            if before and before in _QUOTES:
                if not after and not is_final:
                    self._add_thoughts_to(tag.start() - 1)
                    return True
                if after in _QUOTES + "”’»":
                    continue
            self._add_thoughts(text[: tag.start()].rstrip())
            self._closing, self._thoughts_go_on = None, False
            self._remove(text[tag.end() :])
            return False
        end = len(text) if is_final else begun_at(text)
        if not is_final and text[:end][-1:] in _QUOTES:
            end -= 1  # it tells whether a tag after it is spoken of
        self._add_thoughts_to(max(0, end))
        return True

    def _add_thoughts_to(self, end: int) -> None:
        """Add the thoughts up to `end`; what may be taken from their end waits."""
        thoughts = self._unread[:end].rstrip()
        if len(self._unread) - len(thoughts) > MAX_HELD:
            thoughts = self._unread[:end]
        self._add_thoughts(thoughts)
        self._unread = self._unread[len(thoughts) :]

    def _add_thoughts(self, text: str) -> None:
        if not self._thoughts_go_on:
            text = text.lstrip()
            self._thoughts_go_on = bool(text)
            self._has_thought = self._has_thought or bool(text)
            if text and not self.thoughts.is_empty:
                text = "\n\n" + text
        self.thoughts.add(text)

    def _read_answer(self, *, is_final: bool) -> bool:
        text, position = self._unread, 0
        while position < len(text):
            newline = text.find("\n", position)
            stop = len(text) if newline < 0 else newline
            is_end = newline >= 0 or is_final
            read = self._read_line(text[position:stop], is_end=is_end)
            self.answer.add(read.shown)
            position += read.length
            if read.closing:
                self._turn_into_thoughts(text[position + read.closing :])
                return False
            if not is_end:
                break
            self._end_line("\n" if newline >= 0 else "")
            position = stop + 1
        self._unread = text[position:]
        return True

    def _read_line(self, text: str, *, is_end: bool) -> Read:
        read = self._read_code(text, is_end=is_end) if self._fence else self._lines.read(text, is_end=is_end)
        self._begun_line = (self._begun_line + text[: read.length])[:MAX_HELD]
        return read

    def _read_code(self, text: str, *, is_end: bool) -> Read:
        """Read code, of which nothing is hidden but tokens behind its end."""
        line = self._begun_line + text
        may_close = len(line) <= MAX_HELD and line.strip()[:3] in self._fence[:3]
        if not may_close:
            return Read(text, len(text))
        if not is_end:
            return Read("", 0)
        closing = _CLOSING_FENCE.match(line)
        has_closed = closing is not None and closing[2].startswith(self._fence)
        return Read(closing[1] + closing[2] if closing and has_closed else text, len(text))

    def _end_line(self, end: str) -> None:
        line, self._begun_line = self._begun_line, ""
        if self._fence:
            closing = _CLOSING_FENCE.match(line)
            if closing is not None and closing[2].startswith(self._fence):
                self._fence = ""
        else:
            opening = _FENCE.match(line)
            self._fence = opening[1] if opening and "`" not in line[opening.end() :] else ""
            end = "" if self._lines.is_gone else end
            self._lines.end_line()
        self.answer.add(end)

    def _turn_into_thoughts(self, rest: str) -> None:
        thoughts = str(self.answer)[len(self._before) :]
        self._thoughts_go_on = False
        self.thoughts.begin_afresh(str(self.thoughts))  # like the answer: both are shown when both are read
        self._add_thoughts(thoughts.strip())
        self._thoughts_go_on = False
        self.answer.begin_afresh(self._before)
        self._is_beginning, self._begun_line = True, ""
        self._lines = LineReader(has_thought=True)
        self._remove(rest)
