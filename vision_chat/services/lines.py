"""What a line of Markdown that is still being written is already, or may yet become."""

import re

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


def has_begun(line: str) -> bool:
    """Whether it holds text, so that it is no longer a mere marker, rule, underline or row of delimiters."""
    return _BEGUN_LINE.match(line) is not None


def is_certain(line: str) -> bool:
    """Whether nothing that follows on this line can change where a block begins or ends."""
    return _CERTAIN_LINE.match(line) is not None and not is_undecided(line)
