"""The page of a message that the conversation's current branch does not have."""

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


def test_while_an_answer_is_written_the_page_says_why_it_shows_no_other_branch(
    chat: ChatPage, earlier: str
) -> None:
    chat.troubles.expect("409")
    chat.site.fake.script(scenarios.hang_midway("It leads up"))
    chat.ask("And where does it lead?")
    chat.expect_running()
    chat.open(earlier)
    notice = chat.page.locator("show-message")
    expect(notice).to_contain_text("Wait until the answer is complete or stop it")
    expect(chat.answer).to_contain_text("It leads up")
    chat.page.get_by_role("button", name="Stop").click()
    expect(chat.answer).to_have_attribute("data-status", "stopped")
    expect_accessible(chat.page, "another branch")
    notice.get_by_role("button", name="Show it").click()

    expect(chat.answer).to_contain_text("A staircase.")
