"""Takes pictures that a model writes as data URLs out of a text that still grows.

A picture stands there as Markdown, as an `<img>`, or bare:

    ![A red square](data:image/png;base64,iVBORw0KGgo...)

Its base64 would be megabytes of text that nobody can read. Inside a code fence, also one in a list or a
quote, it is code and stays, and so does one that is too short for a picture: an example in an explanation.
Between the backticks of a line it is taken: of such length it is a picture that a model put there by mistake.
"""

import re
from typing import Final

MIN_BASE64: Final = 400
"""Length of base64, in characters, below which a data URL is an example and stays text: 300 bytes."""
MAX_BASE64: Final = 16 * 1024 * 1024
"""Length of base64, in characters, above which a picture is dropped as soon as it is read: 12 MB."""
MAX_BEGINNING: Final = 300
"""Length of `![alt](data:image/png;base64,` that is waited for."""
MAX_REST: Final = 500
"""Length of what may follow inside the brackets: a title, or attributes of `<img>`."""

_BEGINNING: Final = re.compile(
    r"""(?P<markdown>!\[[^\[\]\n]*\]\(\s*<?)?
        (?P<html><img\b[^<>]*?\ssrc\s*=\s*["']?\s*)?
        data:image/[a-z0-9.+-]+(?:;[a-z-]+=[^;,\s]*)*;base64,""",
    re.VERBOSE | re.IGNORECASE,
)
_OPEN: Final = re.compile(
    r"""(?: !(?:\[[^\[\]\n]*(?:\](?:\(\s*<?)?)?)?
          | <(?:i(?:m(?:g\b[^<>]*)?)?)?
        )?
        (?: \b d(?:a(?:t(?:a(?::[^\s,()<>"']{0,60})?)?)?)? )? \Z""",
    re.VERBOSE | re.IGNORECASE,
)
"""The end of a text that may be the start of `_BEGINNING`."""
_OUTSIDE: Final = re.compile(r"[^A-Za-z0-9+/=_%-]")
_OUTSIDE_WRAPPED: Final = re.compile(r"[^A-Za-z0-9+/=_%\s-]")
_FENCE: Final = re.compile(
    r"""(?P<before> [\ \t>]* (?P<item> (?: (?:[-*+]|\d{1,9}[.)]) [\ \t>]+ )* ) )
        (?P<mark> `{3,}+(?![^\n]*`) | ~{3,} )""",
    re.VERBOSE,
)
"""A fence after the marks of the quotes and items that it stands in."""


class PictureSieve:
    """Parts a growing text: `feed` it, and call `finish` at the end.

    Both return the text without pictures, as far as it is certain, and the base64 of those that have ended.
    """

    def __init__(self) -> None:
        self._held = ""  # may be the beginning of a picture
        self._picture: _Picture | None = None
        self._fences = _Fences()

    def feed(self, text: str) -> tuple[str, list[str]]:
        """Take the next part of the text."""
        kept: list[str] = []
        pictures: list[str] = []
        while text:
            text = self._take_picture(text, kept, pictures) if self._picture else self._take_text(text, kept)
        return "".join(kept), pictures

    def finish(self) -> tuple[str, list[str]]:
        """Return what was held back."""
        kept, self._held = [self._held], ""
        pictures: list[str] = []
        if self._picture is not None:
            self._end_picture(self._picture, kept, pictures)
        return "".join(kept), pictures

    def _take_text(self, text: str, kept: list[str]) -> str:
        """Keep text up to the next picture, and return what follows its beginning."""
        text, self._held = self._held + text, ""
        at = 0
        while (found := _BEGINNING.search(text, at)) is not None:
            self._keep(text[at : found.start()], kept)
            if not self._fences.is_open:
                self._picture = _Picture(found)
                return text[found.end() :]
            self._keep(found[0], kept)
            at = found.end()
        open_end = _OPEN.search(text, max(at, len(text) - MAX_BEGINNING))
        end = open_end.start() if open_end else len(text)
        self._keep(text[at:end], kept)
        self._held = text[end:]
        return ""

    def _take_picture(self, text: str, kept: list[str], pictures: list[str]) -> str:
        assert self._picture is not None
        rest = self._picture.take(text)
        if self._picture.is_over:
            self._end_picture(self._picture, kept, pictures)
        return rest

    def _end_picture(self, picture: "_Picture", kept: list[str], pictures: list[str]) -> None:
        self._picture = None
        if picture.length < MIN_BASE64:
            self._keep(picture.source, kept)
        elif picture.length <= MAX_BASE64:
            pictures.append(picture.base64)

    def _keep(self, text: str, kept: list[str]) -> None:
        kept.append(text)
        self._fences.feed(text)


class _Picture:
    """A picture of which the beginning has been read: `take` what follows until `is_over`."""

    def __init__(self, beginning: re.Match[str]) -> None:
        self.length = 0
        self.is_over = False
        self._beginning = beginning
        self._close = ")" if beginning["markdown"] else ">" if beginning["html"] else ""
        self._base64: list[str] = []
        self._rest = ""  # between the base64 and the closing bracket
        self._is_after = False

    @property
    def base64(self) -> str:
        return "".join(self._base64)

    @property
    def source(self) -> str:
        """The picture as it was written."""
        return f"{self._beginning[0]}{self.base64}{self._rest}"

    def take(self, text: str) -> str:
        """Take the part of `text` that belongs to the picture, and return the rest."""
        if not self._is_after:
            outside = (_OUTSIDE_WRAPPED if self._close else _OUTSIDE).search(text)
            end = outside.start() if outside else len(text)
            self._add(text[:end])
            text = text[end:]
            self._is_after = outside is not None
        return self._take_rest(text) if self._is_after else text

    def _add(self, base64: str) -> None:
        self.length += len(base64)
        if self.length <= MAX_BASE64:
            self._base64.append(base64)
        else:
            self._base64.clear()

    def _take_rest(self, text: str) -> str:
        if not self._close:
            self.is_over = True
            return text
        end = text.find(self._close) + 1
        taken = text[:end] if end else text[: MAX_REST - len(self._rest)]
        self._rest += taken
        self.is_over = bool(end) or len(self._rest) >= MAX_REST
        return text[len(taken) :]


class _Fences:
    """Tells whether a growing text stands inside a code fence."""

    def __init__(self) -> None:
        self._line = ""  # the beginning of the last line
        self._mark = ""  # that of the open fence
        self._before = ""  # what stands before it in its line

    @property
    def is_open(self) -> bool:
        return bool(self._mark)

    def feed(self, text: str) -> None:
        *lines, last = (self._line + text).split("\n")
        for line in lines:
            self._take_line(line)
        self._line = last[:MAX_BEGINNING]

    def _take_line(self, line: str) -> None:
        found = _FENCE.match(line)
        if found is None:
            return
        if not self._mark:
            self._mark, self._before = found["mark"], found["before"]
        elif self._is_closed_by(found):
            self._mark = ""

    def _is_closed_by(self, found: re.Match[str]) -> bool:
        """Tell whether this fence ends the open one: what stands in another quote or item is code in it."""
        return (
            found["mark"].startswith(self._mark)
            and not found.string[found.end() :].strip()
            and not found["item"]
            and found["before"].count(">") == self._before.count(">")
            and len(found["before"]) <= len(self._before) + 3
        )
