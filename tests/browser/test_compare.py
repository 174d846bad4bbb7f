"""Two pictures side by side."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support import sample_images
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage, file

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]

QUESTION = "What are the differences between these two pictures?"


@pytest.mark.parametrize("options", [{}, {"has_touch": True, "viewport": {"width": 360, "height": 700}}])
def test_two_pictures_are_moved_about_together_and_asked_about(
    open_chat: OpenChat, options: dict[str, Any]
) -> None:
    chat = open_chat(**options)
    compare = chat.page.get_by_role("button", name="Compare")
    chat.attach(file("before.jpg", sample_images.encoded(sample_images.chart((2400, 1800)), "JPEG")))
    chat.expect_uploads("ready")
    expect(compare).to_have_count(0)
    chat.attach(file("after.jpg", sample_images.encoded(sample_images.chart((1600, 1200)), "JPEG")))
    chat.expect_uploads("ready", "ready")
    compare.click()
    dialog = chat.page.get_by_role("dialog", name="Compare")
    sides = dialog.locator("[data-stage] img")
    stages = dialog.get_by_role("group")
    over = dialog.locator("[data-over]")
    expect(sides.nth(0)).to_have_js_property("naturalWidth", 2400)
    expect(sides.nth(1)).to_have_js_property("naturalWidth", 1600)
    expect_accessible(chat.page, "two pictures side by side")

    dialog.get_by_role("radio", name="Slider").check()
    divider = dialog.get_by_role("slider")
    expect(divider).to_be_visible()
    expect(stages.nth(0)).to_be_hidden()
    divider.press("ArrowLeft")
    expect(over).to_have_css("--divider", "49%")
    over.click(position={"x": 1, "y": 20})
    expect(over).to_have_css("--divider", "0%")
    expect_accessible(chat.page, "one picture over the other")
    dialog.get_by_role("radio", name="Difference").check()
    expect(over.locator("img").last).to_have_css("mix-blend-mode", "difference")
    expect(dialog).to_contain_text("Black is what both have in common.")
    expect_accessible(chat.page, "the difference of two pictures")
    dialog.get_by_role("radio", name="Side by side").check()

    dialog.get_by_role("button", name="Original size").click()
    stages.nth(0).focus()
    chat.page.keyboard.press("End")  # to the lower end
    way = "stage => stage.scrollTop / (stage.scrollHeight - stage.clientHeight)"
    for index in (0, 1):
        stage = stages.nth(index).element_handle()
        chat.page.wait_for_function(f"stage => ({way})(stage) > 0.99", arg=stage)
    dialog.get_by_role("button", name="Ask for the differences").click()
    expect(chat.box).to_have_value(QUESTION)
    expect(chat.box).to_be_focused()
    chat.send()
    content: Any = chat.site.next_call().body["messages"][-1]["content"]
    assert [part["type"] for part in content].count("image_url") == 2
    chat.expect_reply()

    chat.page.get_by_role("link", name="after.jpg").click()
    chat.page.get_by_role("button", name="Compare").click()
    expect(dialog.get_by_label("First picture").first).to_have_value("0")
    dialog.get_by_role("combobox", name="Second picture").select_option("1: before.jpg")
    expect(sides.nth(1)).to_have_js_property("naturalWidth", 2400)
    dialog.get_by_role("button", name="Ask for the differences").click()
    chat.expect_uploads("ready")
    expect(chat.box).to_have_value(QUESTION)
