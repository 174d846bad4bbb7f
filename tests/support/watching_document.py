"""What must hold for every text, however it comes."""

from tests.support.client_model import ClientModel
from vision_chat.services.markdown.open_document import OpenDocument
from vision_chat.services.markdown.rendering import render


def watch(text: str, pieces: list[str]) -> None:
    """Whoever watches, the document, and a page opened afresh show the same, always."""
    document, page, so_far = OpenDocument(), ClientModel(), ""
    for piece in pieces:
        so_far += piece
        page.apply(document.extend(piece))
        afresh = OpenDocument(so_far)
        assert page.blocks == document.blocks == afresh.blocks, repr(so_far)
        assert document.text == so_far
    page.apply(document.finish())
    assert page.blocks == document.blocks == render(text), repr(text)
