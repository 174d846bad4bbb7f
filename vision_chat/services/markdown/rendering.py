"""Markdown as HTML that is safe to show: the only place where HTML is declared to be so.

A text becomes a list of blocks, one for each top-level element. `SureDocument` does the same step by
step, for a text that is still being written.
"""

from django.utils.safestring import SafeString, mark_safe

from vision_chat.services.markdown.sure_document import SureDocument


def render(text: str) -> list[SafeString]:
    """The blocks of a text that is complete."""
    document = SureDocument(text)
    document.finish()
    return _safe(document)


def render_open(text: str) -> list[SafeString]:
    """The blocks of a text that is still being written, as those who watch it see them."""
    return _safe(SureDocument(text))


def _safe(document: SureDocument) -> list[SafeString]:
    # The sanitizer has had the last word on every block; what was added since is escaped text, and tags
    # without attributes or such as stood there before.
    return [mark_safe(html) for html in document.blocks]  # noqa: S308
