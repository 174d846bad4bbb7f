"""A picture that the endpoint does not accept is named, and the person goes on without it."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support import fake_scenarios as scenarios
from tests.support import sample_images
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage, file
from tests.support.refusals import anthropic

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]


def attach(chat: ChatPage, *names: str) -> None:
    photograph = sample_images.encoded(sample_images.chart((800, 600)), "JPEG")
    chat.attach(*(file(name, photograph) for name in names))
    chat.expect_uploads(*["ready"] * len(names))


def refuse(chat: ChatPage, path: str = "") -> None:
    words = anthropic(f"{path}Could not process image")
    chat.site.now(chat.site.fake.script, scenarios.error(400, words))


@pytest.mark.parametrize("options", [{}, {"has_touch": True, "viewport": {"width": 360, "height": 700}}])
def test_the_answer_is_written_without_the_picture_that_was_refused(
    open_chat: OpenChat, options: dict[str, Any]
) -> None:
    chat = open_chat("ann", **options)
    attach(chat, "good.jpg", "bad.jpg")
    refuse(chat, "messages.0.content.1.image.source.base64: ")
    chat.ask("What is this?")
    expect(chat.answer).to_have_attribute("data-status", "failed")
    expect(chat.answer).to_contain_text("did not accept the picture bad.jpg.")
    chat.reload()

    go_on = chat.answer.get_by_role("button", name="Go on without it (bad.jpg)", exact=True)
    expect(go_on).to_be_visible()
    expect(chat.answer.locator(".refused-images img")).to_have_js_property("complete", True)
    expect_accessible(chat.page, "refused-picture")
    go_on.press("Enter")
    chat.expect_reply()
    expect(chat.answer).to_contain_text("You left this picture out of the question: bad.jpg.")

    chat.write("And now?")
    choices = chat.page.get_by_role("button", name="Left out", exact=True)
    expect(choices).to_have_count(1)
    lasting = chat.page.locator(".earlier-choice[data-command='image.choose-for-good'][aria-pressed=true]")
    expect(lasting).to_have_count(1)
    lasting.click()
    expect(choices).to_have_count(0)
    expect(chat.page.locator("[data-included=true]")).to_have_count(2)


def test_a_question_that_is_the_picture_alone_is_left_for_words(open_chat: OpenChat) -> None:
    chat = open_chat("ann")
    attach(chat, "bad.jpg")
    refuse(chat)
    chat.send()
    expect(chat.answer).to_have_attribute("data-status", "failed")
    expect(chat.answer).to_contain_text("your question is nothing else")
    chat.answer.get_by_role("button", name="Leave it out (bad.jpg)", exact=True).click()
    expect(chat.note).to_have_text("The picture is left out of your questions.")
    expect(chat.box).to_be_focused()

    chat.ask("What is a staircase?")
    chat.expect_reply()
    expect(chat.answer).to_have_attribute("data-status", "completed")
