"""Several pictures for a model that takes one, and which earlier ones go along."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support import sample_images
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage, file
from tests.support.browser.site import Site

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]

ONE_AT_A_TIME = "fake/llama-3.2-90b-vision"


@pytest.fixture(scope="module")
def lea(site: Site) -> str:
    """Somebody whose model takes one picture at a time."""
    site.rows.create_person("lea")
    site.rows.create_models("lea", {"model_name": ONE_AT_A_TIME})
    return "lea"


def attach_two(chat: ChatPage) -> None:
    photograph = sample_images.encoded(sample_images.chart((800, 600)), "JPEG")
    chat.attach(file("one.jpg", photograph), file("two.jpg", photograph))
    chat.expect_uploads("ready", "ready")


def pictures_sent(chat: ChatPage) -> int:
    """The pictures of the request that comes next."""
    contents: list[Any] = [message["content"] for message in chat.site.next_call().body["messages"]]
    parts = [part for content in contents if not isinstance(content, str) for part in content]
    return [part["type"] for part in parts].count("image_url")


@pytest.mark.parametrize("options", [{}, {"has_touch": True, "viewport": {"width": 360, "height": 700}}])
def test_two_pictures_go_as_one_and_an_earlier_one_can_be_left_out(
    open_chat: OpenChat, lea: str, options: dict[str, Any]
) -> None:
    chat = open_chat(lea, **options)
    chat.open(f"/?model={ONE_AT_A_TIME}")
    attach_two(chat)
    canvas = chat.page.locator("[data-canvas]")
    expect(canvas).to_contain_text("These 2 pictures go as one, labelled A to B.")
    expect(chat.uploads.nth(1)).to_have_attribute("data-letter", "B")
    expect(chat.page.locator("[data-upload][data-included=true]")).to_have_count(2)
    expect_accessible(chat.page, "canvas")

    first, last = chat.uploads.nth(0), chat.uploads.nth(1)
    first.get_by_role("button", name="Move one.jpg", exact=True).press("ArrowRight")
    expect(last).to_have_attribute("title", "one.jpg")
    expect(last.get_by_role("button", name="Move one.jpg", exact=True)).to_be_focused()
    expect(chat.page.locator("[data-announcer]")).to_have_text("one.jpg: 2 of 2")
    expect(first).to_have_attribute("data-letter", "A")
    last.get_by_role("button", name="Move one.jpg", exact=True).click()  # from the end to the beginning
    expect(first).to_have_attribute("title", "one.jpg")
    first.get_by_role("button", name="Move one.jpg", exact=True).drag_to(last.locator(".upload-picture"))
    expect(last).to_have_attribute("title", "one.jpg")

    canvas.get_by_role("button", name="As the model sees it").click()
    seen = chat.page.get_by_role("dialog", name="As the model sees it")
    expect(seen.locator("figure img")).to_have_count(1)
    chat.page.keyboard.press("Escape")
    canvas.get_by_role("button", name="Send separately").click()
    expect(chat.page.locator("[data-upload][data-included=false]")).to_have_count(1)
    canvas.get_by_role("button", name="Send as one").click()
    expect(chat.page.locator("[data-upload][data-included=false]")).to_have_count(0)
    chat.ask("Which is brighter?")
    assert pictures_sent(chat) == 1
    chat.expect_reply()

    chat.write("And in words?")
    chip = chat.page.get_by_role("button", name="In the next question").first
    expect(chip).to_be_visible()
    chip.click()
    expect(chat.page.get_by_role("button", name="Left out").first).to_be_visible()
    expect_accessible(chat.page, "choice of earlier pictures")
    expect(chat.page.get_by_role("button", name="In the next question")).to_have_count(1)
    chat.page.get_by_role("button", name="Always leave out").click()
    expect(chat.page.get_by_role("button", name="Always leave out", pressed=True)).to_have_count(1)
    chat.page.get_by_role("button", name="In the next question").click()
    expect(chat.page.get_by_role("button", name="Left out")).to_have_count(2)
    chat.send()
    assert pictures_sent(chat) == 0
    chat.expect_reply()
    chat.write("And now?")
    expect(chat.page.get_by_role("button", name="Left out")).to_have_count(1)  # the other was left out once
    chat.send()
    assert pictures_sent(chat) == 1
