"""Fenced code at the top level that has no closing line yet."""

import re
from functools import cached_property

from vision_chat.services.markdown._lines import last_line

_OPENING = re.compile(r"(`{3,})([^`\n]*)\n|(~{3,})([^\n]*)\n")


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
    opening = _OPENING.match(source)
    if opening is None:
        return None
    fence = Fence(opening)
    is_closed = any(map(fence.is_closed_by, source[fence.code_start :].split("\n")[:-1]))
    return None if is_closed else fence
