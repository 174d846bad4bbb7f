"""What is shown of a text that cannot be rendered."""

from collections.abc import Callable

import pytest

from tests.support.client_model import ClientModel
from vision_chat.services.markdown.changes import Change
from vision_chat.services.markdown.open_document import OpenDocument
from vision_chat.services.markdown.rendering import render
from vision_chat.services.markdown.sure_document import SureDocument


class PanicError(BaseException):
    """As parsers written in Rust raise it: no Exception."""


def fails_at(mark: str, *, only_in_steps: bool = False) -> Callable[[], OpenDocument]:
    """A document that cannot take a text with this mark; `only_in_steps`: unless it is all of it."""

    class Failing(OpenDocument):
        def extend(self, text: str) -> list[Change]:
            is_whole = not self.text
            changes = super().extend(text)
            if mark in text and not (only_in_steps and is_whole):
                raise PanicError(text)
            return changes

    return Failing


def written(parts: list[str], open_document: Callable[[], OpenDocument]) -> tuple[SureDocument, ClientModel]:
    """The document, and the page of somebody who watched it being written."""
    document, page = SureDocument("", open_document), ClientModel()
    for part in parts:
        page.apply(document.extend(part))
    page.apply(document.finish())
    return document, page


def test_what_can_be_rendered_is_what_the_open_document_shows() -> None:
    document, page = written(["# A", " title\n\n", "and *text*"], OpenDocument)
    assert page.blocks == document.blocks == render("# A title\n\nand *text*")


def test_a_text_that_cannot_be_rendered_is_shown_plainly_to_its_end(caplog: pytest.LogCaptureFixture) -> None:
    document, page = written(["# A\n\n", "b <!>", " & c\n", "# D"], fails_at("!"))

    assert page.blocks == document.blocks == ['<pre class="plain">\n# A\n\nb &lt;!&gt; &amp; c\n# D</pre>']
    assert "cannot be rendered" in caplog.text
    assert "PanicError" in caplog.text


def test_the_first_words_may_fail_already() -> None:
    document, page = written(["!", " and more"], fails_at("!"))
    assert page.blocks == document.blocks == ['<pre class="plain">\n! and more</pre>']


@pytest.mark.usefixtures("caplog")
def test_a_text_that_fails_in_steps_alone_ends_as_a_page_opened_afresh_shows_it() -> None:
    text = ["# A\n\n", "b !", " and *c*"]
    document, page = written(text, fails_at("!", only_in_steps=True))

    assert page.blocks == document.blocks == render("".join(text))


def test_the_end_itself_may_fail() -> None:
    class Failing(OpenDocument):
        def finish(self) -> list[Change]:
            raise PanicError

    document, page = written(["# A\n\n", "b"], Failing)
    assert page.blocks == document.blocks == ['<pre class="plain">\n# A\n\nb</pre>']


def test_who_stops_the_program_is_not_held_up() -> None:
    class Stopped(OpenDocument):
        def finish(self) -> list[Change]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        SureDocument("a", Stopped).finish()
