"""Lines of Markdown, and what one that is still being written is already, or may yet become."""

import re

_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
# What may reach over several blocks, or belong to none.
_REACHES_FAR = ("$$", r"\[", "<", "]:", "```", "~~~")
_MARKERS = r"[ \t]*+(?:(?:[-*+]|\d{1,9}[.)]|#{1,6})[ \t]++(?:\[[ xX]\][ \t]++)?+|>[ \t]*+)*+"
# A line with a letter in its text is no list marker, rule, underline or table delimiter any more; nor is one
# with a number after the box of a task.
_BEGUN_LINE = re.compile(_MARKERS + r"(?:(?!<|```|~~~)[^\n]*[^\W\d_]|(?<=\] )\d)")
_BEFORE_TEXT = r"[\"'“„«±€£¥(]?"
# One that begins with a word is no fence, link definition, display formula or raw HTML either. A number may
# be another marker, but not after the box of a task.
_CERTAIN_LINE = re.compile(
    rf"{_MARKERS}(?:\|[ \t]*+)?"
    rf"(?:(?<=\] )\d|[*_]{{1,3}}+[^\s*_]|`[^`\n]|{_BEFORE_TEXT}[^\W\d_]|{_BEFORE_TEXT}\d++[^\d.)\n])"
)
_BOX = r"(?:(?<=[-*+.)] )\[(?:[ xX](?:\][ \t]*)?)?)?"
_UNDECIDED_LINE = re.compile(
    rf"[ \t>\-+*=_|:#]*+(?:\d{{1,9}}[.)]?[ \t*_]*)?{_BOX}(?:`{{1,2}}|```[^`\n]*|~{{1,2}}|~~~[^~\n]*)?"
)
# The ends of lines, and after them nothing that is another line yet.
_ONLY_BEGUN = re.compile(r"\n+[^\n]*")


class LineBreaks:
    """Makes one kind of line break of all, and leaves nothing that HTML or UTF-8 cannot hold."""

    def __init__(self) -> None:
        self.ended_with_return = False
        """Whether a line feed that comes next belongs to the break before it."""

    def normalised(self, text: str) -> str:
        """Take the next piece of a text, if it has anything unprintable, or if the last one ended so."""
        if not text:
            return text
        rest = text[1:] if self.ended_with_return and text[0] == "\n" else text
        self.ended_with_return = text[-1] == "\r"
        return _UNFIT.sub("\ufffd", rest.replace("\r\n", "\n").replace("\r", "\n"))


def complete_lines(text: str) -> str:
    return text[: text.rfind("\n") + 1]


def is_simple(text: str) -> bool:
    """Whether no block of it can depend on what another one holds."""
    return not any(mark in text for mark in _REACHES_FAR)


def only_begins_lines(text: str) -> bool:
    """Whether it ends lines, and what it has after them is the beginning of one."""
    return _ONLY_BEGUN.fullmatch(text) is not None


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
