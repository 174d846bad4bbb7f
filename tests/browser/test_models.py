"""Choosing the language model of a conversation, and another one for a single answer."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.support import sample_images
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage, file
from tests.support.browser.site import Site

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
VISION, TEXT, LABELLED = "fake/vision", "fake/text", "Best of all"


@pytest.fixture(scope="module")
def mia(site: Site) -> str:
    """Somebody who has a choice: a model without pictures, and one with a label."""
    site.rows.create_person("mia")
    site.rows.create_models(
        "mia",
        {"model_name": TEXT, "max_images": 0, "input_price": 1, "output_price": 2},
        {"model_name": "fake/best", "label": LABELLED},
    )
    return "mia"


class Picker:
    """The picker of a tab."""

    def __init__(self, chat: ChatPage) -> None:
        self.page = chat.page
        self.model = chat.page.get_by_role("combobox", name="Model", exact=True)
        self.dialog = chat.page.get_by_role("dialog", name="Models")
        self.box = self.dialog.get_by_role("combobox")
        self.options = self.dialog.get_by_role("option")
        self.active = self.dialog.locator("[role=option][aria-selected=true]")

    def option(self, name: str) -> Locator:
        return self.options.filter(has_text=name)

    def expect_model(self, name: str) -> None:
        expect(self.model).to_have_text(name)


def test_a_keyboard_is_enough_to_choose_and_other_tabs_follow(open_chat: OpenChat, mia: str) -> None:
    chat = open_chat(mia)
    picker = Picker(chat)
    picker.expect_model(VISION)
    chat.ask("Hello")
    chat.expect_reply()
    other = chat.another_tab()
    chat.box.focus()
    chat.page.keyboard.press("Control+Shift+M")
    expect(picker.box).to_be_focused()
    expect(picker.options).to_have_count(3)
    expect(picker.active).to_contain_text(VISION)
    expect(picker.active).to_have_attribute("aria-current", "true")
    expect(picker.option(TEXT)).to_contain_text(re.compile("No pictures.*32K.*\\$1 in, \\$2 out", re.DOTALL))
    expect_accessible(chat.page, "the models")
    chat.page.keyboard.press("ArrowUp")
    expect(picker.active).to_contain_text(TEXT)
    chat.page.keyboard.type("FAKE tex")
    expect(picker.options).to_have_count(1)
    expect(picker.box).to_have_attribute("aria-activedescendant", picker.active.get_attribute("id") or "none")
    chat.page.keyboard.press("Enter")

    picker.expect_model(TEXT)
    expect(chat.box).to_be_focused()
    Picker(other).expect_model(TEXT)
    chat.ask("And now?")
    chat.expect_reply()
    assert [call.body["model"] for call in chat.site.wait_for_calls(2)] == [VISION, TEXT]
    chat.press("About this answer")
    expect(chat.answer.get_by_role("dialog")).to_contain_text(TEXT)
    chat.open()
    picker.expect_model(TEXT)
    picker.model.press("ArrowDown")
    expect(picker.box).to_be_focused()
    chat.page.keyboard.type("nobody")
    expect(picker.dialog.get_by_text("No model has this name.")).to_be_visible()
    chat.page.keyboard.press("Escape")
    expect(picker.model).to_be_focused()


def test_on_a_phone_a_model_that_sees_is_one_tap_away(open_chat: OpenChat, mia: str) -> None:
    chat = open_chat(mia, **PHONE)
    picker = Picker(chat)
    picker.model.tap()
    picker.option(TEXT).tap()
    picker.expect_model(TEXT)
    chat.attach(file("chart.jpg", sample_images.encoded(sample_images.chart(), "JPEG")))
    expect(chat.uploads).to_have_attribute("data-included", "false")
    expect(chat.page.get_by_text("This model cannot see pictures.", exact=True)).to_be_visible()
    expect_accessible(chat.page, "a model that takes no pictures")
    chat.page.get_by_role("button", name=f"Use {VISION}").tap()

    picker.expect_model(VISION)
    expect(chat.uploads).to_have_attribute("data-included", "true")
    expect(chat.page.get_by_text("This model cannot see pictures.", exact=True)).to_be_hidden()


def test_the_address_of_a_new_chat_chooses_a_model_by_name_or_label(open_chat: OpenChat, mia: str) -> None:
    chat = open_chat(mia)
    picker = Picker(chat)
    chat.open("/?model=best+of+all")
    picker.expect_model(LABELLED)
    chat.ask("Who are you?")
    chat.expect_reply()
    assert chat.site.next_call().body["model"] == "fake/best"
    chat.open("/?model=fake/vision")
    picker.expect_model(VISION)
    chat.open("/?model=fake/missing")

    expect(chat.toast).to_contain_text("No model called “fake/missing” is available to you.")
    picker.expect_model(VISION)


def test_a_model_that_was_taken_away_is_said_before_one_asks(open_chat: OpenChat, site: Site) -> None:
    site.rows.create_person("noa")
    site.rows.create_models("noa", {"model_name": "fake/short-lived"})
    chat = open_chat("noa")
    picker = Picker(chat)
    chat.open("/?model=fake/short-lived")
    picker.expect_model("fake/short-lived")
    site.rows.retire_models("noa")
    chat.reload()
    notice = chat.page.get_by_text("fake/short-lived is no longer available. Your next message goes to")
    expect(notice).to_be_visible()
    picker.expect_model(VISION)
    expect_accessible(chat.page, "a model that was taken away")
    chat.page.get_by_role("button", name=f"Use {VISION}").click()

    expect(notice).to_be_hidden()
    expect(picker.model).to_be_focused()


def test_an_answer_is_regenerated_by_another_model_for_this_once(open_chat: OpenChat, mia: str) -> None:
    chat = open_chat(mia)
    chat.open("/?model=fake/vision")
    picker = Picker(chat)
    picker.expect_model(VISION)
    chat.ask("Hello")
    chat.expect_reply()
    first = chat.answer.get_attribute("data-message-id")
    chat.answer.get_by_role("button", name="Regenerate with").press("Enter")
    dialog = chat.page.get_by_role("dialog", name="Regenerate with")
    expect(dialog.get_by_role("combobox", name="Model")).to_be_focused()
    expect(dialog.get_by_role("option")).to_have_count(3)
    expect_accessible(chat.page, "regenerating with another model")
    chat.page.keyboard.type("best")
    expect(dialog.get_by_role("option")).to_have_count(1)
    dialog.get_by_label("temperature").fill("3")
    chat.page.keyboard.press("Enter")
    expect(dialog.get_by_label("temperature")).to_be_focused()  # which the browser says is too much
    chat.page.keyboard.press("Control+A")
    chat.page.keyboard.type("0.5")
    dialog.get_by_label("seed").fill("7")
    chat.page.keyboard.press("Enter")

    expect(dialog).to_be_hidden()
    expect(chat.answer).not_to_have_attribute("data-message-id", first or "")
    expect(chat.answer).to_have_attribute("data-status", "completed")
    body = chat.site.wait_for_calls(2)[-1].body
    assert (body["model"], body["temperature"], body["seed"]) == ("fake/best", 0.5, 7)
    chat.press("About this answer")
    expect(chat.answer.get_by_role("dialog")).to_contain_text("fake/best")
    picker.expect_model(VISION)
