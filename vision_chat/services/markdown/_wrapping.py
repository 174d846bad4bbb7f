"""A fence of Markdown around a whole answer, as models write it when they are asked for Markdown.

What is in it is shown as the answer. If text follows its end it was an example, and is code after all.
"""

import re

from vision_chat.services.markdown._fences import FENCE_LINE, OF_MARKDOWN, Nesting

_BEGUN_OPENING = re.compile(
    r"\n* {0,3}(?:`{0,2}|`{3,}[ \t]*(?:m|ma|mar|mark|markd|markdo|markdow|markdown|md)?[ \t]*)", re.IGNORECASE
)
_BEGUN_FENCE = re.compile(r"[ \t]*(?:`|\Z)")


class Wrapping:
    """Takes an answer in pieces, and tells what of it is shown."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._held = ""
        self._is_undecided = True
        self._fence: Nesting | None = None
        self._is_within_line = self._has_ended = False

    def take(self, text: str) -> str | None:
        """Return what is shown because of `text`, the next piece; None if all of it must be shown as it is.

        Then `unwrapped` tells what that is.
        """
        if not (self._is_undecided or self._fence):
            return text
        self._text.append(text)
        self._held += text
        if self._is_undecided and not self._decide():
            return ""
        if self._fence is None:
            return self.unwrapped()
        return self._shown()

    def rest(self) -> str:
        """Return what was held back at the end of the answer, unless that is the end of the fence."""
        held, self._held = self._held, ""
        return "" if self._ends_fence(held) else held

    def unwrapped(self) -> str:
        """Return the answer so far. What comes later is shown as it is."""
        text = "".join(self._text)
        self._text, self._held, self._fence = [], "", None
        return text

    def _decide(self) -> bool:
        opening = OF_MARKDOWN.match(self._held, len(self._held) - len(self._held.lstrip("\n")))
        if opening is not None:
            self._fence, self._held = Nesting(opening), self._held[opening.end() :]
        self._is_undecided = opening is None and _BEGUN_OPENING.fullmatch(self._held) is not None
        return not self._is_undecided

    def _shown(self) -> str | None:
        """Take from what is held the lines that are no fence, and those whose meaning is certain."""
        shown: list[str] = []
        held, position = self._held, 0
        while position < len(held) and not self._has_ended:
            line_end = held.find("\n", position) + 1
            if self._is_within_line or not _BEGUN_FENCE.match(held, position):
                shown.append(held[position : line_end or len(held)])
                self._is_within_line = line_end == 0
            elif line_end == 0:
                break
            else:
                line = held[position : line_end - 1]
                self._has_ended = self._ends_fence(line)
                shown.append("" if self._has_ended else f"{line}\n")
            position = line_end or len(held)
        self._held = held[position:]
        return None if self._has_ended and self._held.strip() else "".join(shown)

    def _ends_fence(self, line: str) -> bool:
        """Tell if this line, without its line break, ends the fence around it all."""
        fence = FENCE_LINE.fullmatch(line)
        if fence is None or self._fence is None:
            return False
        return self._fence.is_ended_by(fence[1], fence[2].strip())
