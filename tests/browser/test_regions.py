"""Questions about places in pictures: boxes drawn by pointer, keyboard and touch; chips; letters in the answer."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.support import sample_images
from tests.support.browser.chat_page import ChatPage, file

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
TOUCHED = """([element, from, to]) => {
  const { left, top, width, height } = element.getBoundingClientRect();
  const at = ([x, y]) => ({ clientX: left + x * width, clientY: top + y * height });
  const finger = { pointerId: 7, pointerType: "touch", isPrimary: true, bubbles: true, cancelable: true };
}"""


def attach(chat: ChatPage, name: str = "plan.jpg") -> None:
    chat.attach(file(name, sample_images.photograph((1600, 1200), quality=60)))
    chat.expect_uploads("ready")


def editor(chat: ChatPage) -> Locator:
    return chat.page.get_by_role("dialog", name="Ask about a region")


def canvas(chat: ChatPage) -> Locator:
    shapes = editor(chat).get_by_role("group", name="Picture")
    picture = editor(chat).locator("[data-stage] img")
    expect(editor(chat)).to_be_visible()
    chat.page.wait_for_function("(picture) => picture.naturalWidth > 0", arg=picture.element_handle())
    return shapes


def drag(chat: ChatPage, start: tuple[float, float], end: tuple[float, float]) -> None:
    """From one place of the picture to another, in fractions of it."""
    box = canvas(chat).bounding_box()
    assert box is not None
    mouse = chat.page.mouse
    mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
    mouse.down()
    mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=4)
    mouse.up()


def regions_asked(chat: ChatPage) -> list[dict[str, Any]]:
    choice = chat.page.locator("[data-thread] [data-choice]").last.get_attribute("data-choice")
    assert choice is not None
    regions: list[dict[str, Any]] = chat.page.evaluate("(choice) => JSON.parse(choice).regions", choice)
    return regions


def test_boxes_by_mouse_and_keyboard_are_asked_about_and_shown_where_they_are_named(chat: ChatPage) -> None:
    attach(chat)
    chat.page.get_by_role("button", name="Ask about a region", exact=True).click()
    drag(chat, (0.25, 0.25), (0.5, 0.75))
    expect(editor(chat).get_by_role("listitem")).to_have_count(1)
    chat.page.keyboard.press("Enter")

    expect(chat.box).to_be_focused()
