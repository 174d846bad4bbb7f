"""A text that grows, divided into thoughts and answer.

Where a closing tag comes whose opening tag stood in the model's prompt, what was shown as the answer turns
out to be thoughts: then the answer begins afresh.
"""

import re
from dataclasses import replace
from typing import Final

from vision_chat.services.thoughts._line import Context, Line, marks_at_end, read_line
from vision_chat.services.thoughts.growing import GrowingText
from vision_chat.services.thoughts.marks import (
    BEGINNING,
    CLOSINGS,
    LONE_CLOSING,
    OPENING,
    TOKEN,
    WRAPPER,
    begun_at,
)

_SENTENCE_AFTER_TAG: Final = re.compile(r"[,;:)`\"'”|/、。，はがをでとも]|-\w|[ \t]+(?:[a-zß-ÿ]|[(–—=:]|-\s)")
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
        """Text that is undecided, or the open line of the answer."""
        self._closing: re.Pattern[str] | None = None
        """The end of the thoughts that are open."""
        self._is_beginning = True
        self._has_removed = False
        self._has_thoughts = False
        """True where more thoughts go on with the last ones."""
        self._has_thought = False
        self._fence = ""
        self._context = Context()

    @property
    def has_thought(self) -> bool:
        """True where this part has thoughts."""
        return self._has_thought

    @property
    def has_answered(self) -> bool:
        """True where this part has begun its answer."""
        return not self._is_beginning

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
        self._has_thoughts = self._has_thought = False
        self._context = Context()

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
        indent = self._unread[: len(self._unread) - len(text)].rpartition("\n")[2]
        if text and (text[0] not in "<[◁" or indent.startswith(("    ", "\t"))):
            return self._begin_answer(text)
        if not text or (begun_at(text) == 0 and not is_final):
            return not is_final or self._begin_answer(text)
        if tag := OPENING.match(text):
            after = text[tag.end() :]
            if not is_final and (not after or after in " \t-"):
                return True
            if not _SENTENCE_AFTER_TAG.match(after):
                self._closing = CLOSINGS[(tag.lastindex or 1) - 1]
                self._context = replace(self._context, has_thought=True)
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
        if not after.strip(" \t") and not is_final:
            return True
        is_spoken_of = after[:1] in {" ", "\t"} and after.strip(" \t")[:1] not in {"", "\n", "\r"}
        if is_spoken_of or _SENTENCE_AFTER_TAG.match(after):
            return self._begin_answer(text)
        if mark.re is WRAPPER:
            self._context = replace(self._context, is_wrapped=True)
        self._remove(after)
        return False

    def _remove(self, rest: str) -> None:
        self._unread, self._has_removed = rest, True

    def _begin_answer(self, text: str) -> bool:
        if self._has_removed:
            self._unread = text
        self._is_beginning = False
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
            self._closing, self._has_thoughts = None, False
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
        self._add_thoughts(thoughts)
        self._unread = self._unread[len(thoughts) :]

    def _add_thoughts(self, text: str) -> None:
        if not self._has_thoughts:
            text = text.lstrip()
            self._has_thoughts = bool(text)
            self._has_thought = self._has_thought or bool(text)
            if text and not self.thoughts.is_empty:
                text = "\n\n" + text
        self.thoughts.add(text)

    def _read_answer(self, *, is_final: bool) -> bool:
        line, end, rest = self._unread.partition("\n")
        is_open = not end and not is_final
        if self._fence:
            read = Line(self._shown_code(line, is_open=is_open), self._context)
        else:
            read = read_line(line, self._context, is_open=is_open)
        if read.closing is not None:
            self._turn_into_thoughts(read.shown, line[read.closing[1] :] + end + rest)
            return False
        if is_open:
            self.answer.show_open(read.shown)
            return True
        is_gone = bool(line.strip()) and not read.shown.strip()
        self._context, self._unread = read.after, rest
        self.answer.add(self._in_fence("" if is_gone else read.shown + end))
        return False

    def _shown_code(self, line: str, *, is_open: bool) -> str:
        may_close = is_open and line.lstrip().startswith(self._fence)
        return line[: marks_at_end(line[: begun_at(line)], TOKEN)] if may_close else line

    def _in_fence(self, line: str) -> str:
        """Note where code begins and ends; return the line, without tokens behind the end of code."""
        if not self._fence:
            opening = _FENCE.match(line)
            self._fence = opening[1] if opening and "`" not in line[opening.end() :] else ""
            return line
        closing = _CLOSING_FENCE.match(line)
        if closing is None or not closing[2].startswith(self._fence):
            return line
        self._fence = ""
        return line if not closing[3] else closing[1] + closing[2] + "\n"

    def _turn_into_thoughts(self, end_of_thoughts: str, rest: str) -> None:
        thoughts = self.answer.closed[len(self._before) :]
        self._has_thoughts = False
        self._add_thoughts((thoughts + end_of_thoughts).strip())
        self._has_thoughts = False
        self.answer.clear()
        self.answer.add(self._before)
        self._is_beginning, self._context = True, Context(has_thought=True)
        self._remove(rest)
