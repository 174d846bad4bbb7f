"""Markdown as HTML that is declared safe: the only place where that is done."""

from functools import lru_cache
from typing import Final

from django.utils.safestring import SafeString, mark_safe

from vision_chat.services.markdown.document import StreamingDocument
from vision_chat.services.markdown.highlighting import highlight

KEPT: Final = 512
"""Number of texts of which the HTML is kept: pages of a conversation are opened again, by several people."""
LONGEST_KEPT: Final = 8_192
"""Number of characters of the longest of them: it bounds what they take of the memory."""


def render(text: str) -> list[SafeString]:
    """Render the blocks of a text that is complete."""
    return list(_kept(text) if len(text) <= LONGEST_KEPT else _complete(text))


@lru_cache(maxsize=KEPT)
def _kept(text: str) -> list[SafeString]:
    return _complete(text)


def _complete(text: str) -> list[SafeString]:
    document = StreamingDocument(text)
    document.finish()
    return _safe(document)


def render_open(text: str) -> list[SafeString]:
    """Render the blocks of a text that is still being written, as those who watch it see them."""
    return _safe(StreamingDocument(text))


def _safe(document: StreamingDocument) -> list[SafeString]:
    # The sanitizer had the last word on every block; what was added since is escaped text.
    return [mark_safe(html) for html in document.blocks]  # noqa: S308


def coloured(code: str, language: str) -> SafeString:
    """Return code as HTML; where it is short, with its tokens marked."""
    return mark_safe(highlight(code, language))  # noqa: S308 - it has been escaped
