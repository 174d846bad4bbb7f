"""Several answers of one call, as a person asks for them and looks at them."""

import pytest
from playwright.sync_api import expect

from tests.support.browser.chat_page import ChatPage
from tests.support.choice_scenarios import several

pytestmark = pytest.mark.browser


def test_answers_that_came_together_are_versions_on_every_open_page(chat: ChatPage) -> None:
    chat.page.get_by_role("button", name="Settings", exact=True).click()
    dialog = chat.page.get_by_role("dialog", name="Conversation settings")
    dialog.get_by_label("n", exact=True).fill("3")
    chat.page.keyboard.press("Escape")
    chat.site.fake.script(several("A staircase.", "A ladder.", "A ramp."))
    chat.ask("What is this?")
    chat.expect_reply("A staircase.")
    expect(chat.answer).to_have_attribute("data-siblings", "1/3")
    assert chat.site.next_call().body["n"] == 3

    for text in ("A ladder.", "A ramp."):
        chat.press("Next version")
        expect(chat.answer.locator("[data-body]")).to_have_text(text)
    expect(chat.answer).to_have_attribute("data-siblings", "3/3")
    chat.press("About this answer")
    about = chat.page.get_by_role("dialog", name="About this answer")
    expect(about).to_contain_text("$0.000625 for 3 answers together")
    chat.expect_same_as_opened_afresh()
