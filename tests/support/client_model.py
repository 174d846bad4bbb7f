"""What a page does with the changes of a document, on HTML strings and written from the contract alone."""

from collections.abc import Iterable

from vision_chat.services.markdown.changes import Append, Change, Replace, Truncate

INSERTION_POINT = "<i data-end></i>"


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

    def apply(self, changes: Iterable[Change]) -> None:
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
