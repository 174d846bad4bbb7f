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

NOT_WRITTEN = frozenset({"big", "center", "font", "img"})
"""Tags that are read and left out of what is shown, with what they hold kept; images become links."""
_EMPTY = frozenset({"br", "col", "hr", "img", "wbr"})
_ENDED_BY_OTHERS = frozenset(
    {"caption", "colgroup", "dd", "dt", "li", "p", "tbody", "td", "tfoot", "th", "thead", "tr"}
)
NAMES = frozenset(
    {
        *("a", "abbr", "b", "big", "blockquote", "center", "cite", "code", "del", "details", "div", "dl"),
        *("em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "i", "ins", "kbd", "mark", "ol", "q", "s"),
        *("samp", "small", "span", "strike", "strong", "sub", "summary", "sup", "table", "u", "ul", "var"),
        *_EMPTY,
        *_ENDED_BY_OTHERS,
    }
)
_ATTRIBUTE = r"""[ \t]+[a-z_:][\w:.-]*(?:[ \t]*=[ \t]*(?:"[^"<>\n]*"|'[^'<>\n]*'|[^\s"'=<>`]+))?"""
_INSIDE = rf"/?(?P<name>{'|'.join(sorted(NAMES, reverse=True))})(?:{_ATTRIBUTE}){{0,16}}[ \t]*/?>"
_TAG_INSIDE = _INSIDE.replace("?P<name>", "?:")
_ADDRESS = r"https?://[^\s<>]*>|mailto:[^\s<>]+>|[\w.+-]+@[\w.-]+>|(?<=\]\(<)[^\s<>]*>|(?<=\]: <)[^\s<>]*>"
_TEXT_LESS_THAN = re.compile(rf"(?<!\\)<(?!(?=[/a-z]){_TAG_INSIDE}|{_ADDRESS})", re.IGNORECASE)
_TAG = re.compile(rf"(?<!\\)<{_INSIDE}", re.IGNORECASE)
_LINE_OF_TAGS = re.compile(rf"^[ \t>]*(?:<{_TAG_INSIDE}[ \t]*)+$", re.IGNORECASE | re.MULTILINE)
_IMAGE = re.compile(rf"<img(?:{_ATTRIBUTE}){{0,16}}[ \t]*/?>", re.IGNORECASE)
_VALUE = re.compile(r"""\b(src|alt)[ \t]*=[ \t]*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_TABLE_END = "</table>"
_PARTS_OF_TABLES = re.compile(r"(?=<(?:table|thead|tbody|tfoot|tr)\b)", re.IGNORECASE)
_HEADER_CELL = re.compile(r"<th\b(?![^<>]*\bscope[ \t]*=)", re.IGNORECASE)
_DATA_CELL = re.compile(r"<td\b", re.IGNORECASE)
_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n)+")


def hide_text(text: str) -> str:
    """`text` with every angle bracket hidden that begins neither a tag on the list nor an address."""
    return _TEXT_LESS_THAN.sub(LESS_THAN, text) if "<" in text else text


def hide_unmatched(text: str, *, is_open: bool) -> str:
    """`text`, a block of which `hide_text` was called, with the tags hidden that have no other half.

    With `is_open` the other half may still come. Tags that are alone on their line stay, and so disappear.
    """
    if "<" not in text:
        return text
    unmatched, too_deep = _text_tags(text, is_open=is_open)
    if unmatched:
        text = _with_hidden(text, unmatched, _LINE_OF_TAGS)
    return _with_hidden(text, too_deep) if too_deep else text


def _with_hidden(text: str, places: list[int], except_in: re.Pattern[str] | None = None) -> str:
    characters = list(text)
    for place in places:
        characters[place] = LESS_THAN
    for line in except_in.finditer(text) if except_in else ():
        characters[line.start() : line.end()] = line[0]
    return "".join(characters)


def _text_tags(text: str, *, is_open: bool) -> tuple[list[int], list[int]]:
    """The places of tags without another half, and of those that are too deep."""
    unmatched: list[int] = []
    too_deep: list[int] = []
    stack: list[_Open] = []
    for tag in _TAG.finditer(text):
        name, place = tag["name"].lower(), tag.start()
        if name in _EMPTY:
            continue
        if text[place + 1] == "/":
            if not _close(stack, name, unmatched):
                unmatched.append(place)
        elif len(stack) < MAX_DEPTH:
            stack.append(_Open(name, place))
        else:
            too_deep.append(place)
    return (unmatched if is_open else [*unmatched, *(tag.place for tag in stack)]), too_deep


class _Open(NamedTuple):
    name: str
    place: int


def _close(stack: list[_Open], name: str, unmatched: list[int]) -> bool:
    """Take the latest open tag of this name from the stack, with those within it, if there is one."""
    if all(tag.name != name for tag in stack):
        return False
    while (tag := stack.pop()).name != name:
        if tag.name not in _ENDED_BY_OTHERS:
            unmatched.append(tag.place)
    return True


def is_table(source: str) -> bool:
    """Tell if `source` begins with a table in HTML."""
    return source[:6].lower() == "<table"


def as_one_block(source: str) -> str:
    """`source`, which begins with a table, with that as one block of HTML, and what follows it as another.

    An empty line in it would end the block, and make code of what is indented.
    """
    place = source.lower().rfind(_TABLE_END)
    end = place + len(_TABLE_END) if place != -1 else len(source)
    after = source[end:].lstrip()
    return _EMPTY_LINES.sub("\n", source[:end]) + (f"\n\n{after}" if after else "")


def has_header_cells(source: str) -> bool:
    """Tell if `source` has tags of header cells."""
    return "<" in source and _HEADER_CELL.search(source) is not None


def with_scopes(html: str) -> str:
    """`html` with a scope for each header cell that has none, which cells that are joined make unclear.

    It is a column's in the head of a table and in a row of header cells alone, and a row's elsewhere. A table
    within a cell ends the row around it here.
    """
    scoped, is_in_head = [], False
    for part in _PARTS_OF_TABLES.split(html):
        if part[:3].lower() != "<tr":
            is_in_head = part[:6].lower() == "<thead"
        is_of_row = _DATA_CELL.search(part) is not None and not is_in_head
        scoped.append(_HEADER_CELL.sub('<th scope="row"' if is_of_row else '<th scope="col"', part))
    return "".join(scoped)


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
