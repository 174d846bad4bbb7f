"""HTML from the events of the Markdown parser. Not safe yet: the sanitizer comes after it.

Code is framed and highlighted, images become links (they are never loaded), the boxes of tasks get a label,
formulas come back from behind their placeholders, and alignment becomes a class.
"""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from pyromark.event import Event

from vision_chat.services.markdown import _mathml, _sanitizer, highlighting
from vision_chat.services.markdown._emphasis import SEPARATOR
from vision_chat.services.markdown._formulas import Formula
from vision_chat.services.markdown._parser import HIDDEN_LESS_THAN

MAX_DEPTH = 72
"""Elements within each other. Emphasis that is nested deeper is left out, and its text shown."""

_BLOCKS = {
    "BlockQuote": ("<blockquote>\n", "</blockquote>\n"),
    "HtmlBlock": ("", ""),
    "Item": ("<li>", "</li>\n"),
    "Paragraph": ("<p>", "</p>\n"),
    **{f"H{level}": (f"<h{level}>", f"</h{level}>\n") for level in range(1, 7)},
}
_INLINE = {
    "Emphasis": ("<em>", "</em>"),
    "Strong": ("<strong>", "</strong>"),
    "Strikethrough": ("<del>", "</del>"),
}
_BREAKS = {"SoftBreak": "\n", "HardBreak": "<br>\n"}
_TASKS = {
    True: f'<input disabled="" type="checkbox" checked="" aria-label="{_sanitizer.DONE}">\n',
    False: f'<input disabled="" type="checkbox" aria-label="{_sanitizer.TO_DO}">\n',
}
_ALIGNMENTS = {"None": "", **{side: f' class="align-{side.lower()}"' for side in ("Left", "Center", "Right")}}
_SAFE_IN_ADDRESS = "!#$%&'()*+,/:;=?@~"
_PLACEHOLDER = re.compile("\x03([0-9]+)\x04")


def placeholder(number: int) -> str:
    """Text that stands for formula `number` while the Markdown is parsed."""
    return f"\x03{number}\x04"


def write(events: Iterable[Event], formulas: list[Formula], *, is_open: bool) -> str:
    """The HTML of `events`. With `is_open`, code at the very end may go on: it is not highlighted yet."""
    writer = _Writer(formulas)
    for event in events:
        writer.take(event)
    return writer.html(is_open=is_open)


class _Writer:
    def __init__(self, formulas: list[Formula]) -> None:
        self._formulas = formulas
        self._parts: list[str] = []
        # What closes each element that is open; None within the text of an image, which has no elements.
        self._closing: list[str | None] = []
        # The alignment of each column of the table that is open, and the cell that comes next in its row.
        self._alignments: tuple[str, ...] = ()
        self._column = 0
        self._cell = "td"
        # The texts within the code block or the image that is open: they are looked at when it ends.
        self._texts: list[str] | None = None
        self._address = ""
        # For each code block its place in `_parts`, its language and its code.
        self._code_blocks: list[tuple[int, str, str]] = []

    def take(self, event: Event) -> None:
        if isinstance(event, str):
            self._take_break(event)
            return
        kind: str
        value: Any
        [(kind, value)] = event.items()
        if kind == "Start":
            self._start(value)
        elif kind == "End":
            self._end(value)
        elif self._texts is not None:
            self._texts.append(self._source(value))
        elif kind == "Text":
            self._parts.append(self._with_formulas(_escape(value)))
        elif kind == "Code":
            self._parts.append(f"<code>{_escape(self._source(value))}</code>")
        elif kind == "TaskListMarker":
            self._parts.append(_TASKS[value])
        else:
            self._parts.append(self._with_formulas(value.replace(HIDDEN_LESS_THAN, "&lt;")))

    def html(self, *, is_open: bool) -> str:
        for number, (place, language, code) in enumerate(self._code_blocks, 1):
            is_last = number == len(self._code_blocks) and all(map(_only_closes, self._parts[place + 1 :]))
            is_highlighted = bool(language) and not (is_open and is_last)
            code_html = highlighting.highlight(code, language) if is_highlighted else _escape(code)
            self._parts[place] = highlighting.frame(code_html, language) + "\n"
        return "".join(self._parts).replace(SEPARATOR, "")

    def _take_break(self, event: str) -> None:
        if event == "Rule":
            self._begin_line()
            self._parts.append("<hr>\n")
        elif self._texts is not None:
            self._texts.append("\n")
        else:
            self._parts.append(_BREAKS[event])

    def _start(self, tag: Any) -> None:
        name: str
        data: Any
        name, data = (tag, None) if isinstance(tag, str) else next(iter(tag.items()))
        if self._texts is not None:
            self._closing.append(None)
        elif name in _INLINE:
            self._open(*(_INLINE[name] if len(self._closing) < MAX_DEPTH else ("", "")))
        elif name == "Link":
            self._open(self._link(data), "</a>")
        elif name == "Image":
            self._start_of_image(data)
        elif name.startswith("Table"):
            self._start_of_table(name, data)
        else:
            self._start_of_block(name, data)

    def _start_of_block(self, name: str, data: Any) -> None:
        self._begin_line()
        if name == "CodeBlock":
            self._texts = []
            self._closing.append(data["Fenced"] if isinstance(data, dict) else "")
        elif name == "List":
            start = f' start="{data}"' if data not in {None, 1} else ""
            self._open(*(("<ul>\n", "</ul>\n") if data is None else (f"<ol{start}>\n", "</ol>\n")))
        else:
            self._open(*_BLOCKS[data["level"] if name == "Heading" else name])

    def _start_of_table(self, name: str, alignments: Any) -> None:
        if name == "TableCell":
            alignment = _ALIGNMENTS[self._alignments[self._column]]
            self._column += 1
            self._open(f"<{self._cell}{alignment}>", f"</{self._cell}>")
        elif name == "TableRow":
            self._column, self._cell = 0, "td"
            self._open("<tr>", "</tr>\n")
        elif name == "TableHead":
            self._column, self._cell = 0, "th"
            self._open("<thead><tr>", "</tr></thead><tbody>\n")
        else:
            self._begin_line()
            self._alignments = alignments
            self._open("<table>", "</tbody></table>\n")

    def _end(self, tag: Any) -> None:
        closing = self._closing.pop()
        if closing is None:
            return
        if tag == "CodeBlock":
            self._end_of_code(info=closing)
            return
        if tag == "Image":
            self._end_of_image()
        if closing:
            self._parts.append(closing)

    def _end_of_code(self, info: str) -> None:
        code, self._texts = "".join(self._texts or ()), None
        language = highlighting.language_name(info.replace(SEPARATOR, ""))
        self._code_blocks.append((len(self._parts), language, code))
        self._parts.append("\n")

    def _start_of_image(self, data: dict[str, Any]) -> None:
        """A link, or the text of the link that it stands in."""
        self._texts, self._address = [], self._source(data["dest_url"])
        is_linked = "</a>" in self._closing
        self._open(*(("", "") if is_linked else (self._link({**data, "title": ""}), "</a>")))

    def _end_of_image(self) -> None:
        text, self._texts = "".join(self._texts or ()), None
        self._parts.append(_escape(text or self._address))

    def _link(self, data: dict[str, Any]) -> str:
        address = quote(self._source(data["dest_url"]), safe=_SAFE_IN_ADDRESS)
        if data["link_type"] == "Email":
            address = f"mailto:{address}"
        title = self._source(data["title"])
        title_html = f' title="{_escape_value(title)}"' if title else ""
        return f'<a href="{_escape_value(address)}"{title_html}>'

    def _open(self, opening: str, closing: str) -> None:
        self._parts.append(opening)
        self._closing.append(closing)

    def _begin_line(self) -> None:
        if self._parts and not self._parts[-1].endswith("\n"):
            self._parts.append("\n")

    def _source(self, text: str) -> str:
        """`text` as it was written, where it is neither formula nor HTML."""
        if self._formulas:
            text = _PLACEHOLDER.sub(lambda match: self._formulas[int(match[1])].whole, text)
        return text.replace(HIDDEN_LESS_THAN, "<").replace(SEPARATOR, "")

    def _with_formulas(self, html: str) -> str:
        if not self._formulas:
            return html
        return _PLACEHOLDER.sub(lambda match: _mathml.to_html(self._formulas[int(match[1])]), html)


def _escape(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace(HIDDEN_LESS_THAN, "&lt;")


def _escape_value(text: str) -> str:
    return _escape(text).replace('"', "&quot;")


def _only_closes(part: str) -> bool:
    return part.isspace() or part.startswith("</")
