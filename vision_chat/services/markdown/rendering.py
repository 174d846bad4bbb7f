"""Markdown as HTML that is declared safe: the only place where that is done."""

from django.utils.safestring import SafeString, mark_safe

from vision_chat.services.markdown.document import StreamingDocument
from vision_chat.services.markdown.highlighting import highlight


def render(text: str) -> list[SafeString]:
    """Render the blocks of a text that is complete."""
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
