"""The way from "About this answer" to the request that was sent."""

import json

import pytest
from playwright.sync_api import expect

from tests.support import sample_images
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage, file
from tests.support.fake_scenarios import say

pytestmark = pytest.mark.browser


def test_what_was_sent_is_shown_and_copied_and_the_focus_goes_back(chat: ChatPage) -> None:
    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat.site.fake.script(say("A chart."))
    chat.attach(file("chart.png", sample_images.encoded(sample_images.chart(), "PNG"), "image/png"))
    chat.expect_uploads("ready")
    chat.ask("What does it’s “show”?")
    chat.expect_reply("A chart.")
    body = chat.site.next_call().body

    chat.press("About this answer")
    chat.answer.get_by_role("button", name="What was sent").press("Enter")
    dialog = chat.page.get_by_role("dialog", name="What was sent")
    expect(dialog).to_contain_text("/chat/completions")
    picture = dialog.get_by_role("img", name="Open chart.png as it was sent")
    assert picture.evaluate("async (image) => (await image.decode(), image.naturalWidth)") > 0
    dialog.get_by_role("button", name="Copy JSON").click()
    chat.page.wait_for_function("async () => (await navigator.clipboard.readText()).startsWith('{')")
    copied = json.loads(chat.page.evaluate("navigator.clipboard.readText()"))
    content = copied["messages"][-1]["content"]
    content[0]["image_url"]["url"] = body["messages"][-1]["content"][0]["image_url"]["url"]
    assert copied == body
    dialog.get_by_text("As a command for the shell").click()
    expect(dialog.get_by_text("$CHAT_KEY")).to_be_visible()
    expect_accessible(chat.page, "what was sent")

    chat.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(chat.answer.get_by_role("button", name="About this answer")).to_be_focused()
