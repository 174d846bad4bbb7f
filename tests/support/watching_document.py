"""What must hold for every text, however it comes."""

import random
from collections.abc import Callable

from tests.support.client_model import INSERTION_POINT, Append, ClientModel
from vision_chat.services.markdown.document import StreamingDocument
from vision_chat.services.markdown.rendering import render


def assert_shown_as_afresh(text: str, pieces: list[str], is_due: Callable[[], bool] = lambda: True) -> None:
    """Whoever watches, the document, and a page opened afresh show the same whenever all is rendered.

    `is_due` decides after each piece whether structure is rendered now, as a pace would.
    """
    document, page, so_far = StreamingDocument(), ClientModel(), ""
    for piece in pieces:
        so_far += piece
        added = document.feed(piece)
        if added is None and not is_due():
            assert page.blocks == document.blocks, repr(so_far)
            continue
        page.apply(document.render() if added is None else [Append(added)] if added else [])
        afresh = StreamingDocument(so_far)
        assert page.blocks == document.blocks == afresh.blocks, repr(so_far)
        assert not any(INSERTION_POINT in block for block in page.blocks[:-1]), repr(so_far)
    page.apply(document.finish())
    assert page.blocks == document.blocks == render(text), repr(text)
    assert INSERTION_POINT not in "".join(page.blocks)


def sometimes(chance: random.Random) -> Callable[[], bool]:
    """A pace that lets some renderings wait."""
    return lambda: chance.random() < 0.4
