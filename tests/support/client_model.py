"""What a page does with the changes of a document, on HTML strings and written from the contract alone."""

import re
from collections.abc import Iterable

from vision_chat.services.markdown.changes import Append, Change, Replace, Truncate

_LAST_CLOSING_TAG = re.compile(r"</([a-z0-9]+)>\s*\Z")
_EMPTY_CELLS = re.compile(r"(\s*<td[^>]*></td>)+\s*\Z")
_BLOCK_ELEMENTS = {
    *("p", "li", "ul", "ol", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "div"),
    *("table", "tbody", "td", "th", "thead", "tr"),
}


def as_text_node(text: str) -> str:
    """A text node as a browser spells it in innerHTML."""
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\u00a0", "&nbsp;")):
        text = text.replace(character, entity)
    return text


def open_end(html: str) -> int:
    """Before the run of closing tags of block elements; of a code element only directly inside a pre.

    Empty cells at the end of a row are still to come.
    """
    end = len(html)
    outer = ""
    while match := _LAST_CLOSING_TAG.search(html, 0, end):
        if outer == "tr" and (cells := _EMPTY_CELLS.search(html, 0, end)):
            end = cells.start()
            continue
        if match[1] not in _BLOCK_ELEMENTS and (match[1], outer) != ("code", "pre"):
            break
        end, outer = match.start(), match[1]
    return end


class ClientModel:
    """`blocks` is the HTML that the page shows after every change that it was told."""

    def __init__(self) -> None:
        self.blocks: list[str] = []

    def apply(self, changes: Iterable[Change]) -> None:
        for change in changes:
            match change:
                case Truncate(count):
                    assert count < len(self.blocks)
                    del self.blocks[count:]
                case Replace(index, html):
                    self.blocks[index : index + 1] = [html]
                case Append(text):
                    assert text, "a change that changes nothing"
                    end = open_end(self.blocks[-1])
                    assert end < len(self.blocks[-1]), "text at the top level of a block"
                    self.blocks[-1] = self.blocks[-1][:end] + as_text_node(text) + self.blocks[-1][end:]
