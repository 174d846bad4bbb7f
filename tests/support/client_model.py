"""What a page does with the changes of a document, on HTML strings and written from the contract alone."""

from collections.abc import Iterable
from dataclasses import dataclass

from vision_chat.services.markdown.changes import Change, Replace, Truncate
from vision_chat.services.markdown.document import StreamingDocument

INSERTION_POINT = "<i data-end></i>"


@dataclass(slots=True)
class Append:
    """Text that a document's `feed` returns, to be added at the insertion point."""

    text: str


def extend(document: StreamingDocument, text: str) -> list[Change | Append]:
    """Feed a document and render it at once; what a page is told of it."""
    added = document.feed(text)
    if added is None:
        return list(document.render())
    return [Append(added)] if added else []


def as_text_node(text: str) -> str:
    """A text node as a browser spells it in innerHTML."""
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\u00a0", "&nbsp;")):
        text = text.replace(character, entity)
    return text


def with_text(html: str, text: str) -> str:
    """A block's HTML after `text` was put before its insertion point."""
    before, mark, after = html.partition(INSERTION_POINT)
    assert mark, "text for a block without an insertion point"
    return before + as_text_node(text) + mark + after


class ClientModel:
    """`blocks` is the HTML that the page shows after every change that it was told."""

    def __init__(self) -> None:
        self.blocks: list[str] = []

    def apply(self, changes: Iterable[Change | Append]) -> None:
        for change in changes:
            match change:
                case Truncate(count):
                    assert count < len(self.blocks)
                    del self.blocks[count:]
                case Replace(index, html):
                    assert index <= len(self.blocks)
                    self.blocks[index : index + 1] = [html]
                case Append(text):
                    assert text, "a change that changes nothing"
                    self.blocks[-1] = with_text(self.blocks[-1], text)
