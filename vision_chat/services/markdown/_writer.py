"""HTML from the events of the Markdown parser. Not safe yet: the sanitizer comes after it.

Code is framed and highlighted, images become links (they are never loaded), the boxes of tasks get a label,
spans come back from behind their placeholders, alignment becomes a class, and the end of a line is one.
Code, formulas and addresses are written from left to right, whatever is around them.
"""

import re
from collections.abc import Iterable
from functools import partial
from html import escape
from typing import Any
from urllib.parse import quote

from pyromark.event import Event

from vision_chat.services import addresses
from vision_chat.services.markdown import _mathml, _sanitizer, _tags, highlighting
from vision_chat.services.markdown._formulas import MAX_LENGTH, Formula
from vision_chat.services.markdown._parser import FOOTNOTE
from vision_chat.services.markdown._spans import PLACEHOLDER, Address, Span
from vision_chat.services.markdown._stand_ins import (
    AFTER_NUMBER,
    COLON,
    SEPARATOR,
    restored,
    restored_in_html,
)

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
_IN_LINES = frozenset({"Text", "InlineHtml"})
_FOOTNOTE = ('<sup class="footnote">', "</sup>")
_TASKS = {
    True: f'<input disabled="" type="checkbox" checked="" aria-label="{_sanitizer.DONE}">\n',
    False: f'<input disabled="" type="checkbox" aria-label="{_sanitizer.TO_DO}">\n',
}
_ALIGNMENTS = {"None": "", **{side: f' class="align-{side.lower()}"' for side in ("Left", "Center", "Right")}}
_escaped = partial(escape, quote=False)
_BACKSLASHED = re.compile(r"\\([_*~&#])")
_LEADS_SOMEWHERE = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
_SAFE_IN_ADDRESS = "!#$%&'()*+,/:;=?@~"


def write(events: Iterable[Event], spans: list[Span], *, is_open: bool) -> str:
    """The HTML of `events`. With `is_open`, code at the very end may go on: it is not highlighted yet."""
    writer = _Writer(spans)
    for event in events:
        writer.take(event)
    return writer.html(is_open=is_open)


class _Writer:
    def __init__(self, spans: list[Span]) -> None:
        self._spans = spans
        self._parts: list[str] = []
        # What closes each element that is open; None within the text of an image, which has no elements.
        self._closing: list[str | None] = []
        # The alignment of each column of the table that is open, and the cell that comes next in its row.
        self._alignments: tuple[str, ...] = ()
        self._column = 0
        self._cell = "td"
        # Where the heading that is open begins, and whether it has several lines.
        self._heading = 0
        self._is_of_lines = False
        # Where the link that is open begins.
        self._link_start = 0
        # The text or tag that was read last, if nothing else was.
        self._last = ""
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
            self._parts.append(self._text(value))
        elif kind == "Code":
            self._parts.append(f'<code dir="ltr">{_escaped(self._source(value))}</code>')
        elif kind == "TaskListMarker":
            self._parts.append(_TASKS[value])
        else:
            self._parts.append(_tags.linked_images(self._with_spans(restored_in_html(value))))
        self._last = value if kind in _IN_LINES else ""

    def html(self, *, is_open: bool) -> str:
        for number, (place, language, code) in enumerate(self._code_blocks, 1):
            is_last = number == len(self._code_blocks) and all(map(_only_closes, self._parts[place + 1 :]))
            self._parts[place] = _code_block(language, code, may_go_on=is_open and is_last) + "\n"
        return "".join(self._parts).replace(SEPARATOR, "")

    def _take_break(self, event: str) -> None:
        if event == "Rule":
            self._begin_line()
            self._parts.append("<hr>\n")
        elif self._texts is not None:
            self._texts.append("\n")
        else:
            self._parts.append("\n" if self._ends_line(self._last) else "<br>\n")
            self._is_of_lines = True

    def _ends_line(self, value: str) -> bool:
        """Tell if the end of this text or tag ends a line already: a display formula, or a break in HTML."""
        if value[:3].lower() == "<br":
            return True
        spans = PLACEHOLDER.findall(value) if value.endswith(AFTER_NUMBER) else ()
        span = self._spans[int(spans[-1])] if spans else None
        return isinstance(span, Formula) and span.is_display

    def _start(self, tag: Any) -> None:
        name: str
        data: Any
        name, data = (tag, None) if isinstance(tag, str) else next(iter(tag.items()))
        if self._texts is not None:
            self._closing.append(None)
        elif name in _INLINE:
            self._open(*(_INLINE[name] if len(self._closing) < MAX_DEPTH else ("", "")))
        elif name == "Link" and data["dest_url"] == FOOTNOTE:
            self._open(*_FOOTNOTE)
        elif name == "Link":
            self._start_of_link(data)
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
        elif name == "Heading":
            self._heading, self._is_of_lines = len(self._parts), False
            self._open(*_BLOCKS[data["level"]])
        else:
            self._open(*_BLOCKS[name])

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
        if closing == "</a>" and len(self._parts) == self._link_start:
            self._parts.append(_escaped(self._address))  # a link without words
        if isinstance(tag, dict) and "Heading" in tag and self._is_of_lines:
            self._parts[self._heading] = "<p>"
            closing = "</p>\n<hr>\n"  # several lines and a rule below them, as on a receipt
        if closing:
            self._parts.append(closing)

    def _end_of_code(self, info: str) -> None:
        code, self._texts = "".join(self._texts or ()), None
        language = highlighting.language_name(info.replace(SEPARATOR, ""))
        self._code_blocks.append((len(self._parts), language, code))
        self._parts.append("\n")

    def _start_of_link(self, data: dict[str, Any]) -> None:
        self._address = self._source(data["dest_url"])
        if data["link_type"] == "Inline" and not _LEADS_SOMEWHERE.match(self._address):
            self._open("[", f"]({_escaped(self._address)})")  # no address: a gap in a transcript, a date
        else:
            self._open(self._link(data), "</a>")
        self._link_start = len(self._parts)

    def _start_of_image(self, data: dict[str, Any]) -> None:
        """A link; or text, within a link and where the address leads nowhere."""
        self._texts, self._address = [], self._source(data["dest_url"])
        is_text = "</a>" in self._closing or not _LEADS_SOMEWHERE.match(self._address)
        self._open(*(("", "") if is_text else (self._link({**data, "title": ""}), "</a>")))

    def _end_of_image(self) -> None:
        text, self._texts = "".join(self._texts or ()), None
        self._parts.append(_escaped(text or self._address))

    def _link(self, data: dict[str, Any]) -> str:
        address = quote(self._source(data["dest_url"]), safe=_SAFE_IN_ADDRESS)
        if data["link_type"] == "Email":
            address = f"mailto:{address}"
        title = self._source(data["title"])
        title_html = f' title="{escape(title)}"' if title else ""
        return f'<a href="{escape(address)}"{title_html}>'

    def _open(self, opening: str, closing: str) -> None:
        self._parts.append(opening)
        self._closing.append(closing)

    def _begin_line(self) -> None:
        if self._parts and not self._parts[-1].endswith("\n"):
            self._parts.append("\n")

    def _source(self, text: str) -> str:
        """`text` as it was written, where it is neither span nor HTML."""
        if self._spans:
            text = PLACEHOLDER.sub(lambda match: self._spans[int(match[1])].whole, text)
        return restored(text).replace(SEPARATOR, "")

    def _text(self, value: str) -> str:
        if self._parts and self._parts[-1] == _FOOTNOTE[0]:
            value = value.removeprefix("^")
        elif self._parts and self._parts[-1] == _FOOTNOTE[1]:
            value = value.removeprefix(COLON)
        return self._with_spans(_escaped(restored(value)))

    def _with_spans(self, html: str) -> str:
        return PLACEHOLDER.sub(self._span, html) if self._spans else html

    def _span(self, placeholder: re.Match[str]) -> str:
        span = self._spans[int(placeholder[1])]
        if isinstance(span, Formula):
            return _mathml.to_html(span)
        if isinstance(span, Address):
            shown = _BACKSLASHED.sub(r"\1", restored(span.whole)).replace("&amp;", "&")
            return _escaped(shown) if "</a>" in self._closing else _bare_link(shown)
        return ""


def _code_block(language: str, code: str, *, may_go_on: bool) -> str:
    if may_go_on or not language:
        return highlighting.frame(_escaped(code), language)
    if language == "math" and len(code) <= MAX_LENGTH:
        formula = _mathml.to_html(Formula(0, len(code), code.strip(), code, is_display=True))
        return f"<p>{formula}</p>"
    return highlighting.frame(highlighting.highlight(code, language), language)


def _bare_link(shown: str) -> str:
    address = quote(addresses.destination(shown), safe=_SAFE_IN_ADDRESS)
    return f'<a dir="ltr" href="{escape(address)}">{_escaped(shown)}</a>'


def _only_closes(part: str) -> bool:
    return part.isspace() or part.startswith("</")
