"""The page of a message that the shown branch does not have."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.support import fake_scenarios as scenarios
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage

pytestmark = pytest.mark.browser


@pytest.fixture
def earlier(chat: ChatPage) -> str:
    """The address of an answer for which another one was written since."""
    chat.site.fake.script(scenarios.say("A staircase."), scenarios.say("A ladder."))
    chat.ask("What is this?")
    chat.expect_reply("A staircase.")
    number = chat.answer.get_attribute("data-message-id")
    chat.press("Regenerate")
    chat.expect_reply("A ladder.")
    return f"{urlsplit(chat.page.url).path}?message={number}#message-{number}"


def test_a_message_of_another_branch_is_shown_with_its_branch_in_every_tab(
    chat: ChatPage, earlier: str
) -> None:
    other = chat.another_tab()
    chat.open(earlier)
    expect(chat.answer).to_contain_text("A staircase.")
    expect(chat.page.locator("show-message")).to_have_count(0)
    expect(other.answer).to_contain_text("A staircase.")
    other.page.close()
    chat.site.fake.script(scenarios.say("It leads up."))
    chat.ask("And where does it lead?")
    chat.expect_reply("It leads up.")

    expect(chat.answers).to_have_text([re.compile("A staircase"), re.compile("It leads up")])


def test_while_an_answer_is_written_another_branch_is_shown_and_the_answer_runs_on(
    chat: ChatPage, earlier: str
) -> None:
    chat.site.fake.script(scenarios.hang_midway("It leads up"))
    chat.ask("And where does it lead?")
    chat.expect_running()
    chat.open(earlier)
    expect(chat.answer).to_contain_text("A staircase.")
    expect(chat.stop_button).to_be_hidden()
    chat.answer.get_by_role("button", name="Next version").click()

    expect(chat.answer).to_contain_text("It leads up")
    chat.stop_button.click()
    expect(chat.answer).to_have_attribute("data-status", "stopped")


def test_where_the_branch_cannot_be_shown_the_page_says_so_and_asks_again_by_its_button(
    chat: ChatPage, earlier: str
) -> None:
    chat.troubles.expect("503")
    chat.page.route("**/show/", lambda route: route.fulfill(status=503), times=1)
    chat.open(earlier)
    notice = chat.page.locator("show-message")
    expect(notice).to_contain_text("That did not work. Please try again.")
    expect_accessible(chat.page, "another branch")
    notice.get_by_role("button", name="Show it").click()

    expect(chat.answer).to_contain_text("A staircase.")
