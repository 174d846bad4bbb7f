"""A document that shows its text whatever happens: plainly, where rendering it fails.

No text is known that cannot be rendered. Should one come, neither the page of its conversation nor those who
watch it being written may break on it.
"""

import logging
from collections.abc import Callable, Sequence

from vision_chat.services.markdown.block_html import render_plain
from vision_chat.services.markdown.changes import Append, Change, Replace, Truncate, difference
from vision_chat.services.markdown.open_document import OpenDocument
from vision_chat.services.markdown.open_end import PlainEnd

logger = logging.getLogger(__name__)


class SureDocument:
    """An `OpenDocument`, made by `open_document`, until that fails; at the end the whole is tried again."""

    def __init__(self, text: str = "", open_document: Callable[[], OpenDocument] = OpenDocument) -> None:
        self._open_document = open_document
        self._document = open_document()
        self._plain: PlainEnd | None = None
        self._plain_text = ""
        self._count = 0
        """How many blocks are shown: a document that has failed cannot be asked."""
        self.extend(text)

    @property
    def blocks(self) -> list[str]:
        return [self._plain.html()] if self._plain else self._document.blocks

    def extend(self, text: str) -> Sequence[Change]:
        """Add `text`, and tell what that changes."""
        if self._plain is None:
            return self._or_plainly(lambda: self._document.extend(text))
        self._plain_text += text
        self._plain.take(text)
        return [Append(text)] if text else []

    def finish(self) -> Sequence[Change]:
        """The text is complete. It shows what a page opened afresh shows."""
        if self._plain is None:
            return self._or_plainly(self._document.finish)
        afresh = SureDocument(self._plain_text, self._open_document)
        if afresh._plain is None:
            afresh.finish()
        if afresh._plain is not None:
            return []
        changes = difference(self.blocks, afresh.blocks, first=0)
        vars(self).update(vars(afresh))
        return changes

    def _or_plainly(self, change: Callable[[], Sequence[Change]]) -> Sequence[Change]:
        try:
            changes = change()
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # a parser written in Rust panics with what is no Exception
            logger.exception("An answer cannot be rendered, and is shown as plain text")
            return self._become_plain(self._document.text)
        for made in changes:
            if isinstance(made, Replace):
                self._count = max(self._count, made.index + 1)
            elif isinstance(made, Truncate):
                self._count = made.count
        return changes

    def _become_plain(self, text: str) -> Sequence[Change]:
        self._plain_text, self._plain = text, PlainEnd(render_plain(text))
        changes: list[Change] = [Truncate(1)] if self._count > 1 else []
        return [*changes, Replace(0, self._plain.html())]
