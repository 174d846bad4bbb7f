"""Fenced code at the top level that has no closing line yet, and fences that are shown within one."""

import re
from functools import cached_property
from typing import NamedTuple

from vision_chat.services.markdown._lines import last_line
from vision_chat.services.markdown._stand_ins import BACKTICK

_OPENING = re.compile(r"(`{3,})([^`\n]*)\n|(~{3,})([^\n]*)\n")
OF_MARKDOWN = re.compile(r" {0,3}(`{3,})[ \t]*(?:markdown|md)[ \t]*\n", re.IGNORECASE)
"""The opening line of a fence of Markdown."""
FENCE_LINE = re.compile(r"^[ \t]*(`{3,})[ \t]*([^\n`]*)$", re.MULTILINE)
"""A line of marks: they, and the language that they name."""


class Fence:
    """The opening line of fenced code: its marks, and the language that it names."""

    def __init__(self, opening: re.Match[str]) -> None:
        self._marks: str = opening[1] or opening[3]
        self.info: str = opening[2] or opening[4] or ""
        self.code_start = opening.end()

    @cached_property
    def _closing(self) -> re.Pattern[str]:
        return re.compile(rf" {{0,3}}{self._marks}{self._marks[0]}*[ \t]*")

    @cached_property
    def _beginning(self) -> re.Pattern[str]:
        return re.compile(rf" {{0,3}}{self._marks[0]}*[ \t]*")

    def is_closed_by(self, line: str) -> bool:
        """Tell if this line, without its line break, ends the code."""
        return self._closing.fullmatch(line) is not None

    def may_be_closed_by(self, line: str) -> bool:
        """Tell if this incomplete line may become one that ends the code."""
        return self._beginning.fullmatch(line) is not None

    def shown_code(self, source: str) -> str:
        """The code in `source`, without a line at its end that may yet close the fence."""
        line = last_line(source)
        end = len(source) - len(line) if self.may_be_closed_by(line) else len(source)
        return source[self.code_start : end]


def open_fence(source: str) -> Fence | None:
    """The fence that `source` begins with, if no complete line closes it."""
    source = hide_nested(source)
    opening = _OPENING.match(source)
    if opening is None:
        return None
    fence = Fence(opening)
    is_closed = any(map(fence.is_closed_by, source[fence.code_start :].split("\n")[:-1]))
    return None if is_closed else fence


class Nesting:
    """The fences within a fence of Markdown, line by line.

    Models show Markdown in a fence of the same length as the fences in it, where the first closing line would
    end the outer one. A line of marks with a language opens one in it, and the next without closes that.
    """

    def __init__(self, opening: re.Match[str]) -> None:
        self._outer: str = opening[1]
        self._inner = ""

    def is_ended_by(self, marks: str, language: str) -> bool:
        """Tell if a line of these marks and this language ends the outer fence."""
        if self._inner and not language and len(marks) >= len(self._inner):
            self._inner = ""
        elif not self._inner and language:
            self._inner = marks
        else:
            return not self._inner and len(marks) >= len(self._outer)
        return False


class _Nested(NamedTuple):
    """Where the marks of the fences within a fence of Markdown are, and where that ends (-1: nowhere)."""

    marks: list[tuple[int, int]]
    end: int


def end_of_markdown(text: str, start: int, *, is_final: bool) -> int:
    """The end of the fence of Markdown that begins at `start`, or -1 if none does.

    While its end has not come, that is the end of the text; if none will come, it is what the parser takes.
    """
    nested = _nested(text, start)
    if nested is None:
        return -1
    return len(text) if nested.end == -1 and not is_final else nested.end


def hide_nested(text: str) -> str:
    """`text` with the marks of the fences hidden that stand within the fence of Markdown it begins with."""
    nested = _nested(text, 0)
    parts: list[str] = []
    position = 0
    for start, end in nested.marks if nested else ():
        parts += (text[position:start], BACKTICK * (end - start))
        position = end
    return "".join((*parts, text[position:])) if parts else text


def _nested(text: str, start: int) -> _Nested | None:
    opening = OF_MARKDOWN.match(text, start)
    if opening is None:
        return None
    marks: list[tuple[int, int]] = []
    nesting = Nesting(opening)
    for line in FENCE_LINE.finditer(text, opening.end()):
        if nesting.is_ended_by(line[1], line[2].strip()):
            return _Nested(marks, line.end())
        marks.append(line.span(1))
    return _Nested(marks, -1)
