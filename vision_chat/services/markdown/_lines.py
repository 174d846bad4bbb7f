"""Lines of a text that grows: one kind of line break, and lines that mean nothing yet."""

import re

from vision_chat.services.markdown._stand_ins import POINT, SEPARATOR

LINE_START = r"^(?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*"
"""Expression for the start of a line with the marks of the containers that it stands in."""
EMPTY_LINE = re.compile(r"\n[ \t]*\n")
# Control characters and lone surrogates, and the private-use characters that this package works with.
_UNFIT = re.compile(f"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff{SEPARATOR}{POINT}]")
# A letter after the marks of containers: the line is no marker, rule, underline or row of delimiters.
_MARKERS = r"[ \t]*+(?:(?:[-*+]|\d{1,9}[.)]|#{1,6})[ \t]++(?:\[[ xX]\][ \t]++)?+|>[ \t]*+)*+"
_BEGUN_LINE = re.compile(_MARKERS + r"(?!<|```|~~~)[^\n]*[^\W\d_]")
_BOX = r"(?:(?<=[-*+.)] )\[(?:[ xX](?:\][ \t]*)?)?)?"
_OPENER = r"(?:`{1,2}|```[^`\n]*|~{1,2}|~~~[^~\n]*|</?[a-zA-Z]*)?"
_UNDECIDED_LINE = re.compile(
    rf"(?:[ \t>\-+*=_|:#]|\d{{1,9}}[.)](?![^ \t]))*+(?:\d{{1,9}}[ \t*_]*)?{_BOX}{_OPENER}"
)


class LineBreaks:
    """Makes one kind of line break of all, and replaces what HTML or UTF-8 cannot hold."""

    def __init__(self) -> None:
        self._ended_with_return = False

    def normalised(self, text: str) -> str:
        """The next piece of a text; a line feed at its start may belong to the break before it."""
        if not text or (text.isprintable() and not self._ended_with_return):
            return text
        rest = text[1:] if self._ended_with_return and text[0] == "\n" else text
        self._ended_with_return = text[-1] == "\r"
        return _UNFIT.sub("\ufffd", rest.replace("\r\n", "\n").replace("\r", "\n"))


def is_of_word(character: str) -> bool:
    """Tell if marks beside `character` belong to a word, in scripts that part words by spaces."""
    return character.isascii() and character.isalnum()


def complete_lines(text: str) -> str:
    """`text` without the line at its end that has no line break yet."""
    return text[: text.rfind("\n") + 1]


def last_line(text: str) -> str:
    """The line at the end of `text` that has no line break yet."""
    return text[text.rfind("\n") + 1 :]


def is_undecided(line: str) -> bool:
    """Tell if an incomplete line has only marks so far, which mean something else with every character.

    Shown at once they would flicker: "-" after a line of text makes it a heading, "- a" begins a list.
    """
    return _UNDECIDED_LINE.fullmatch(line) is not None


def has_begun(line: str) -> bool:
    """Tell if a line holds text, so that nothing after it on this line changes which block it belongs to."""
    return _BEGUN_LINE.match(line) is not None
