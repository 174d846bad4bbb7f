"""HTML tags in Markdown: which are tags, and which are text that looks like one.

Models write tables and emphasis in HTML, and they write about HTML. A tag is one if it is on the list and
has its other half in the same block, or stands on a line of tags alone. Every other angle bracket is shown.
"""

import html
import re
from typing import NamedTuple

from vision_chat.services.markdown._stand_ins import LESS_THAN

MAX_DEPTH = 32
"""Tags within each other; deeper ones are text. (The sanitizer takes time by the square of their depth.)"""

_EMPTY = frozenset({"br", "col", "hr", "img", "wbr"})
_ENDED_BY_OTHERS = frozenset(
    {"caption", "colgroup", "dd", "dt", "li", "p", "tbody", "td", "tfoot", "th", "thead", "tr"}
)
_NAMES = frozenset(
    {
        *("a", "abbr", "b", "big", "blockquote", "center", "cite", "code", "del", "details", "div", "dl"),
        *("em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "i", "ins", "kbd", "mark", "ol", "q", "s"),
        *("samp", "small", "span", "strike", "strong", "sub", "summary", "sup", "table", "u", "ul", "var"),
        *_EMPTY,
        *_ENDED_BY_OTHERS,
    }
)
_ATTRIBUTE = r"""[ \t]+[a-z_:][\w:.-]*(?:[ \t]*=[ \t]*(?:"[^"<>\n]*"|'[^'<>\n]*'|[^\s"'=<>`]+))?"""
_INSIDE = rf"/?(?P<name>{'|'.join(sorted(_NAMES, reverse=True))})(?:{_ATTRIBUTE}){{0,16}}[ \t]*/?>"
_NO_NAMES = _INSIDE.replace("?P<name>", "?:")
_ADDRESS = r"https?://[^\s<>]*>|mailto:[^\s<>]+>|[\w.+-]+@[\w.-]+>|(?<=\]\(<)[^\s<>]*>|(?<=\]: <)[^\s<>]*>"
_TEXT_LESS_THAN = re.compile(rf"(?<!\\)<(?!{_NO_NAMES}|{_ADDRESS})", re.IGNORECASE)
_TAG = re.compile(rf"<{_INSIDE}", re.IGNORECASE)
_NO_TAGS_ALONE = re.compile(rf"[ \t>]*(?:<{_NO_NAMES}[ \t]*)+", re.IGNORECASE)
_IMAGE = re.compile(rf"<img(?P<attributes>(?:{_ATTRIBUTE}){{0,16}})[ \t]*/?>", re.IGNORECASE)
_VALUE = re.compile(r"""\b(src|alt)[ \t]*=[ \t]*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n)+")


def hide_text(text: str) -> str:
    """`text` with every angle bracket hidden that begins neither a tag on the list nor an address."""
    return _TEXT_LESS_THAN.sub(LESS_THAN, text) if "<" in text else text


class _Open(NamedTuple):
    name: str
    place: int


def hide_unmatched(text: str, *, is_open: bool) -> str:
    """`text`, a block of which `hide_text` was called, with the tags hidden that have no other half.

    With `is_open` the other half may still come. Tags that are alone on their line stay, and so disappear.
    """
    if "<" not in text:
        return text
    hidden: list[int] = []
    stack: list[_Open] = []
    for tag in _TAG.finditer(text):
        name = tag["name"].lower()
        if name in _EMPTY:
            continue
        if text[tag.start() + 1] != "/":
            if len(stack) < MAX_DEPTH:
                stack.append(_Open(name, tag.start()))
            else:
                hidden.append(tag.start())
        elif not _close(text, stack, name, hidden) and not _is_alone(text, tag.start()):
            hidden.append(tag.start())
    if not is_open:
        hidden += [tag.place for tag in stack if not _is_alone(text, tag.place)]
    return _with_hidden(text, hidden)


def _close(text: str, stack: list[_Open], name: str, hidden: list[int]) -> bool:
    """Take the latest open tag of this name from the stack, and those within it that nothing has closed."""
    if all(tag.name != name for tag in stack):
        return False
    while (tag := stack.pop()).name != name:
        if tag.name not in _ENDED_BY_OTHERS and not _is_alone(text, tag.place):
            hidden.append(tag.place)
    return True


def _is_alone(text: str, place: int) -> bool:
    """Tell if the line of the tag at `place` holds tags and nothing else."""
    start = text.rfind("\n", 0, place) + 1
    end = text.find("\n", place)
    return _NO_TAGS_ALONE.fullmatch(text, start, end if end != -1 else len(text)) is not None


def _with_hidden(text: str, places: list[int]) -> str:
    if not places:
        return text
    characters = list(text)
    for place in places:
        characters[place] = LESS_THAN
    return "".join(characters)


def is_table(source: str) -> bool:
    """Tell if `source` begins with a table in HTML."""
    return source[:6].lower() == "<table"


def without_empty_lines(source: str) -> str:
    """`source` as one block of HTML: an empty line would end it, and make code of what is indented."""
    return _EMPTY_LINES.sub("\n", source)


def linked_images(text: str) -> str:
    """HTML with a link in the place of each image, because images from elsewhere are never loaded."""
    return _IMAGE.sub(_link_to_image, text) if "<" in text else text


def _link_to_image(image: re.Match[str]) -> str:
    values = {found[1].lower(): found[2] or found[3] or found[4] for found in _VALUE.finditer(image[0])}
    address = html.unescape(values.get("src") or "")
    label = html.unescape(values.get("alt") or "") or address
    if not address.lower().startswith(("http://", "https://")):
        return html.escape(label)
    return f'<a href="{html.escape(address)}">{html.escape(label)}</a>'
