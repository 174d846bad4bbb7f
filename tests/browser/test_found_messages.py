"""The way from a result of the search to its message."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support import fake_scenarios as scenarios
from tests.support.browser.chat_page import ChatPage
from tests.support.browser.search import SearchDialog, expect_in_view, rare_word, tell

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]
COLOUR = "(element) => getComputedStyle(element).backgroundColor"
COLOURS = """(element) =>
  element.getAnimations()[0].effect.getKeyframes().map(({ backgroundColor }) => backgroundColor)"""
PAUSE_ANIMATIONS = """() => {
  const animate = Element.prototype.animate;
  Element.prototype.animate = function (...how) {
    const animation = animate.apply(this, how);
    animation.pause();
    return animation;
  };
}"""


@pytest.fixture
def word() -> str:
    return rare_word()


@pytest.fixture
def search(chat: ChatPage) -> SearchDialog:
    return SearchDialog(chat)


@pytest.fixture
def told(chat: ChatPage, word: str) -> ChatPage:
    return tell(chat, word)


def test_a_result_of_another_conversation_opens_it_at_the_message(
    told: ChatPage, search: SearchDialog, word: str
) -> None:
    told.open()
    search.open().find(word).click()
    message = told.page.locator("article").first
    expect(message).to_be_focused()

    expect_in_view(message)
    expect(told.to_end).to_be_visible()


def test_a_result_on_this_page_is_shown_without_loading_it_again(
    told: ChatPage, search: SearchDialog, word: str
) -> None:
    told.page.evaluate("window.isSame = true")
    told.write("Half a question")
    search.open().find(word).click()
    message = told.page.locator("article").first
    expect(message).to_be_focused()

    expect_in_view(message)
    assert told.page.evaluate("window.isSame")
    expect(told.box).to_have_value("Half a question")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_the_message_is_marked_for_a_moment(open_chat: OpenChat, word: str, motion: str) -> None:
    chat = open_chat(reduced_motion=motion)
    chat.ask(word)
    chat.expect_reply()
    search = SearchDialog(chat).open()
    search.find(word)
    expect(search.results).to_have_count(1)
    chat.page.evaluate(PAUSE_ANIMATIONS)  # it lasts for a moment only
    search.results.click()
    message = chat.page.locator("article").first
    expect(message).to_be_focused()
    said = message.locator("[data-body]")

    assert len(set(said.evaluate(COLOURS))) == (1 if motion == "reduce" else 2)
    marked = said.evaluate(COLOUR)
    said.evaluate("(element) => element.getAnimations()[0].finish()")
    assert said.evaluate(COLOUR) != marked


def test_an_answer_on_another_branch_is_switched_to(chat: ChatPage, search: SearchDialog, word: str) -> None:
    chat.site.fake.script(scenarios.say(f"The first says {word}."), scenarios.say("The second."))
    chat.ask("What is it?")
    chat.expect_reply("The first")
    chat.press("Regenerate")
    expect(chat.answer).to_contain_text("The second.")
    chat.expect_reply("The second.")
    search.open().find(word).click()

    expect(chat.answer).to_be_focused()
    chat.expect_reply(f"The first says {word}.")


def test_another_branch_is_shown_while_the_answer_of_this_one_runs_on(
    chat: ChatPage, search: SearchDialog, word: str
) -> None:
    chat.site.fake.script(scenarios.say(f"The first says {word}."), scenarios.hang_midway())
    chat.ask("What is it?")
    chat.expect_reply("The first")
    chat.press("Regenerate")
    expect(chat.stop_button).to_be_visible()
    search.open().find(word).click()

    expect(chat.answer).to_be_focused()
    chat.expect_reply(f"The first says {word}.")
    expect(chat.stop_button).to_be_hidden()
    chat.answer.get_by_role("button", name="Next version").click()
    chat.stop_button.click()
    chat.expect_reply(status="stopped")


def test_a_message_that_is_gone_is_said(told: ChatPage) -> None:
    told.page.goto(f"{told.page.url}?message=999999999#message-999999999")

    expect(told.toast).to_contain_text("no longer exists")
    expect(told.to_end).to_be_hidden()


def test_the_address_of_the_message_is_forgotten_with_the_next_question(
    told: ChatPage, search: SearchDialog, word: str
) -> None:
    address = told.page.url
    told.open()
    search.open().find(word).click()
    expect(told.page.locator("article").first).to_be_focused()
    told.ask("One more")
    told.expect_reply()

    expect(told.page).to_have_url(address)
