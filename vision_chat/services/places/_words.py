"""The words around places without keys: which of them are a label."""

import re
from typing import Final

from vision_chat.services.places.place import MAX_LABEL

MAX_HELD: Final = 400
"""Characters of a line that are remembered for a label."""
_BEFORE: Final = re.compile(r"\A(?:[\s>#,;.|•)(]|[-*+](?=[\s*])|\*+|\d{1,3}[.)](?=\s))+")
_SIGNS_AFTER: Final = r"[\s:;=*`_(,\-–—>|]"
_AFTER: Final = re.compile(rf"(?<!{_SIGNS_AFTER}){_SIGNS_AFTER}++\Z")
_TAG: Final = re.compile(r"<[^<>]*>")
_UNSEEN: Final = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
"""Signs without a look, and those that turn what follows; joiners of letters are not among them."""


def label_of(text: str) -> str:
    """Return a label as it is shown: one line of seen signs, without markup around it."""
    return " ".join(_UNSEEN.sub("", _TAG.sub(" ", text)).split())[:MAX_LABEL].rstrip()


def label_before(line: str) -> str:
    """Return the label that the beginning of a line gives to a place after it; "" where it is a sentence."""
    text = _AFTER.sub("", _BEFORE.sub("", line)).strip("\"'“”` ")
    return label_of(text) if len(text) <= MAX_LABEL else ""


class Line:
    """The words of the open line since the last place."""

    def __init__(self) -> None:
        self.text = ""
        self.is_blank = True
        """True where the line has nothing so far, places included."""

    def add(self, words: str) -> None:
        """Add words; those of an ended line are forgotten."""
        _, newline, after = words.rpartition("\n")
        if newline:
            self.text, self.is_blank = "", True
        self.text = (self.text + after)[-MAX_HELD:]
        self.is_blank = self.is_blank and not after.strip()

    def take(self) -> str:
        """Return the label that the words give, and forget them."""
        label, self.text, self.is_blank = label_before(self.text), "", False
        return label
