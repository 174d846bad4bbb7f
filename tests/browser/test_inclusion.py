"""Pictures that go with the next question are told from those that do not, before it is sent."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, expect

from tests.support import sample_images
from tests.support.browser.chat_page import ChatPage, file

pytestmark = pytest.mark.browser

SEEN_AT_ONCE = 8
"""Pictures that a request to a model holds of which nothing is known."""


def pictures(*names: str) -> Iterator[FilePayload]:
    for name in names:
        yield file(name, sample_images.encoded(sample_images.chart(), "JPEG"))


def expect_included(chat: ChatPage, *included: bool) -> None:
    """Of each picture of the page in its order, the thread before the composer."""
    marked = chat.page.locator("[data-image], [data-upload]")
    expect(marked).to_have_count(len(included))
    for picture, is_included in zip(marked.all(), included, strict=True):
        expect(picture).to_have_attribute("data-included", str(is_included).lower())


def test_pictures_that_all_fit_are_marked_as_such(chat: ChatPage) -> None:
    chat.attach(*pictures("one.jpg", "two.jpg"))
    chat.expect_uploads("ready", "ready")

    expect_included(chat, True, True)
    expect(chat.page.locator("[data-hint]")).to_have_text("")


def test_too_many_pictures_leave_out_the_oldest_and_say_so(chat: ChatPage) -> None:
    chat.attach(*pictures(*(f"{number}.jpg" for number in range(SEEN_AT_ONCE + 1))))
    expect_included(chat, False, *[True] * SEEN_AT_ONCE)
    hint = chat.page.get_by_text("One picture will not be sent: this model sees 8 at a time.")
    expect(hint).to_be_visible()
    label = chat.uploads.first.locator("[data-left-out]")
    expect(label).to_have_attribute("title", "Not sent: this model sees 8 pictures at a time.")
    expect(label).to_be_visible()
    chat.page.get_by_role("button", name="Remove 0.jpg").click()

    expect_included(chat, *[True] * SEEN_AT_ONCE)
    expect(hint).to_be_hidden()


def test_an_earlier_picture_that_a_new_one_pushes_out_is_dimmed_while_the_question_is_written(
    chat: ChatPage,
) -> None:
    names = [f"{number}.jpg" for number in range(SEEN_AT_ONCE)]
    chat.attach(*pictures(*names))
    expect_included(chat, *[True] * SEEN_AT_ONCE)
    chat.ask("What are these?")
    chat.expect_reply()
    expect_included(chat, *[True] * SEEN_AT_ONCE)
    chat.attach(*pictures("new.jpg"))
    expect_included(chat, False, *[True] * SEEN_AT_ONCE)
    earlier = chat.picture("0.jpg")
    expect(earlier.locator("img")).to_have_css("opacity", "0.4")
    expect(earlier.locator("[data-left-out]")).to_be_visible()
    chat.ask("And this?")
    chat.expect_reply()
    chat.expect_uploads()

    expect_included(chat, False, *[True] * SEEN_AT_ONCE)
    expect(earlier.locator("img")).to_have_css("opacity", "1")
    chat.write("More")
    expect(earlier.locator("img")).to_have_css("opacity", "0.4")


def test_a_page_that_is_opened_again_knows_it_too(chat: ChatPage) -> None:
    chat.attach(*pictures("one.jpg"))
    chat.ask("What is it?")
    chat.expect_reply()
    chat.reload()

    expect_included(chat, True)
