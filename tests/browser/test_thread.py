"""A thread beside its words: facts about an answer, times, copying, paper."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support import fake_scenarios as scenarios
from tests.support import sample_images
from tests.support.browser.chat_page import ChatPage, file

pytestmark = pytest.mark.browser

SHOT = file("shot.jpg", sample_images.encoded(sample_images.chart(), "JPEG"))


def test_what_is_known_of_an_answer_stands_behind_a_button(chat: ChatPage) -> None:
    chat.attach(SHOT)
    chat.ask("What is it?")
    chat.expect_reply()
    about = chat.page.get_by_role("dialog", name="About this answer")
    expect(about).to_be_hidden()
    chat.press("About this answer")
    expect(about).to_contain_text("fake/vision")
    expect(about).to_contain_text("What was sent")
    expect(about).to_contain_text("Picture 1")
    expect(about).to_be_in_viewport(ratio=1)
    chat.page.keyboard.press("Escape")

    expect(about).to_be_hidden()
    expect(chat.answer.get_by_role("button", name="About this answer")).to_be_focused()


def test_a_message_of_mine_can_be_copied_and_says_when_it_was_sent(
    open_chat: Callable[..., ChatPage],
) -> None:
    chat = open_chat(permissions=["clipboard-read", "clipboard-write"], timezone_id="Asia/Tokyo")
    chat.ask("Copy me")
    chat.expect_reply()
    chat.page.get_by_role("button", name="Copy this message").click()
    chat.page.wait_for_function("async () => (await navigator.clipboard.readText()) === 'Copy me'")
    time = chat.page.locator("article[data-role=user] time")
    shown = time.evaluate(
        "(time) => new Date(time.dateTime).toLocaleTimeString("
        "document.documentElement.lang, { timeStyle: 'short' })"
    )

    expect(time).to_have_text(shown)
    expect(time).to_have_attribute("title", re.compile(r"20\d\d"))


def test_a_whole_conversation_is_copied_as_markdown_from_its_menu_and_by_the_palette(
    open_chat: Callable[..., ChatPage],
) -> None:
    chat = open_chat(permissions=["clipboard-read", "clipboard-write"])
    chat.site.fake.script(scenarios.say("It is **steep**."))
    chat.ask("Copy all of it")
    chat.expect_reply()
    has_all = """async () => {
      const words = await navigator.clipboard.readText();
      const parts = ["# Copy all of it", "\\n\\nCopy all of it\\n\\n", "It is **steep**."];
      return parts.every((part) => words.includes(part));
    }"""
    chat.reload()  # at the end of an answer its item comes anew, with another button
    chat.expect_connected()
    options = chat.page.get_by_role("button", name="Options for Copy all of it").first
    options.click()
    chat.page.locator("conversation-menu").get_by_role("button", name="Copy as Markdown").click()
    expect(chat.toast).to_contain_text("was copied as Markdown")
    chat.page.wait_for_function(has_all)
    expect(options).to_be_focused()
    chat.page.evaluate("navigator.clipboard.writeText('')")
    chat.page.keyboard.press("Control+K")
    chat.page.get_by_role("combobox", name="Find a conversation or command").fill("copy this conv")
    expect(chat.page.locator("[aria-selected=true]")).to_have_text("Copy this conversation as Markdown")
    chat.page.keyboard.press("Enter")

    chat.page.wait_for_function(has_all)


def test_a_conversation_that_cannot_be_fetched_is_not_said_to_be_copied(chat: ChatPage) -> None:
    chat.ask("Copy all of it")
    chat.expect_reply()
    chat.page.get_by_role("button", name="Options for").first.click()
    chat.page.route("**/text/", lambda route: route.abort())
    chat.troubles.expect(r"ERR_FAILED")
    chat.page.locator("conversation-menu").get_by_role("button", name="Copy as Markdown").click()

    expect(chat.toast).to_contain_text("could not be loaded")


def test_a_continued_answer_does_not_run_its_words_together(chat: ChatPage) -> None:
    chat.site.fake.script(scenarios.length(), scenarios.say("and the rest."))
    chat.ask("Count")
    chat.expect_reply()
    before = chat.answer.locator("[data-body]").inner_text().strip()
    chat.press("Continue")

    chat.expect_reply(f"{before} and the rest.")
    chat.expect_same_as_opened_afresh()


def test_a_thread_on_paper_has_all_words_and_pictures_and_nothing_else(chat: ChatPage) -> None:
    chat.attach(SHOT)
    chat.ask("What is it?")
    chat.expect_reply()
    chat.page.emulate_media(media="print", color_scheme="dark")

    expect(chat.page.get_by_role("heading", name="What is it?")).to_be_visible()
    expect(chat.picture("shot.jpg")).to_be_visible()
    expect(chat.answer.locator("[data-body]")).to_be_visible()
    for hidden in (chat.box, chat.send_button, chat.page.locator(".sidebar"), chat.items.first):
        expect(hidden).to_be_hidden()
    scroller = chat.scroller.evaluate("(area) => getComputedStyle(area).overflowY")
    assert scroller == "visible"
    assert chat.page.pdf()[:5] == b"%PDF-"


def test_an_answer_that_was_cut_off_within_a_word_goes_on_within_it(chat: ChatPage) -> None:
    chat.site.fake.script(
        scenarios.say("These steep stairs are very st", finish="length"), scenarios.say("eep indeed.")
    )
    chat.ask("How are they?")
    chat.expect_reply()
    chat.press("Continue")

    chat.expect_reply("These steep stairs are very steep indeed.")
    chat.expect_same_as_opened_afresh()
