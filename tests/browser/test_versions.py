"""Versions of a message: going to and fro between them, what runs meanwhile, deleting, going on elsewhere."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.support import fake_scenarios as scenarios
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage
from tests.support.browser.waiting import still_top

pytestmark = pytest.mark.browser


@pytest.fixture
def first(chat: ChatPage) -> Locator:
    """The first of two answers."""
    chat.site.fake.script(scenarios.say("A staircase.\n\n" * 30), scenarios.say("It leads up."))
    chat.ask("What is this?")
    chat.expect_reply("A staircase.")
    chat.ask("And where does it lead?")
    chat.expect_reply("It leads up.")
    for _ in range(2):
        chat.site.next_call()
    return chat.answers.first


def to(article: Locator, way: str) -> None:
    """Press "Previous" or "Next"."""
    article.get_by_role("button", name=f"{way} version").click()


def test_any_answer_is_regenerated_and_switching_keeps_place_focus_and_what_followed(
    chat: ChatPage, first: Locator
) -> None:
    other = chat.another_tab()
    chat.site.fake.script(scenarios.say("A ladder."))
    first.get_by_role("button", name="Regenerate", exact=True).click()
    expect(first).to_have_attribute("data-siblings", "2/2")
    expect(first).to_contain_text("A ladder.")
    expect(first).to_have_attribute("data-status", "completed")
    chat.expect_said("What is this?")
    place = still_top(first)
    to(first, "Previous")

    expect(first).to_have_attribute("data-siblings", "1/2")
    expect(first).to_contain_text("1 of 2")
    chat.expect_said("What is this?", "And where does it lead?")
    expect(first.get_by_role("button", name="Previous version")).to_be_focused()
    expect(first.get_by_role("button", name="Previous version")).to_have_attribute("aria-disabled", "true")
    assert still_top(first) == pytest.approx(place, abs=1)
    expect(other.answer).to_contain_text("It leads up.")
    chat.reload()
    expect(chat.answer).to_contain_text("It leads up.")
    to(first, "Next")
    expect(other.answer).to_contain_text("A ladder.")
    chat.expect_same_as_opened_afresh()


def test_a_version_that_is_not_shown_runs_on_and_is_followed_where_it_is_shown_again(
    chat: ChatPage, first: Locator
) -> None:
    chat.site.fake.script(scenarios.step("One two three four five six."))
    first.get_by_role("button", name="Regenerate", exact=True).click()
    call = chat.site.next_call()
    call.release(2)
    expect(first).to_contain_text("One two")
    expect(chat.stop_button).to_be_visible()
    to(first, "Previous")
    expect(chat.answer).to_contain_text("It leads up.")
    expect(chat.stop_button).to_be_hidden()
    call.release(2)
    to(first, "Next")
    expect(chat.stop_button).to_be_visible()
    expect(first).to_contain_text("One two three four")
    call.release(10)

    expect(first).to_have_attribute("data-status", "completed")
    expect(first).to_contain_text("One two three four five six.")
    chat.expect_same_as_opened_afresh()


def test_what_is_deleted_goes_with_all_that_follows_and_comes_back_by_undo(
    chat: ChatPage, first: Locator
) -> None:
    question = chat.messages.nth(2)
    question.hover()
    question.get_by_role("button", name="More").click()
    chat.page.get_by_role("button", name="Delete", exact=True).click()
    expect(chat.toast).to_contain_text("The message and all that followed it were deleted.")
    chat.expect_said("What is this?")
    chat.page.keyboard.press("Control+Z")

    chat.expect_said("What is this?", "And where does it lead?")
    expect(chat.answer).to_contain_text("It leads up.")
    chat.expect_same_as_opened_afresh()


def test_a_new_chat_begins_with_the_branch_up_to_a_message(chat: ChatPage, first: Locator) -> None:
    address = chat.page.url
    first.get_by_role("button", name="More").press("Enter")
    expect(chat.page.get_by_role("button", name="New chat from here")).to_be_focused()
    chat.page.keyboard.press("Enter")

    expect(chat.page).not_to_have_url(re.compile(re.escape(address)))
    chat.expect_said("What is this?")
    expect(chat.answer).to_contain_text("A staircase.")


def test_a_question_whose_answer_was_deleted_gets_another_one(chat: ChatPage, first: Locator) -> None:
    chat.site.fake.script(scenarios.say("Up to the roof."))
    chat.answer.get_by_role("button", name="More").click()
    chat.page.get_by_role("button", name="Delete", exact=True).click()
    expect(chat.answers).to_have_count(1)
    chat.messages.last.get_by_role("button", name="Get an answer").click()

    expect(chat.answer).to_contain_text("Up to the roof.")


def test_versions_and_the_menu_of_a_message_are_accessible(chat: ChatPage, first: Locator) -> None:
    chat.site.fake.script(scenarios.say("A ladder."))
    first.get_by_role("button", name="Regenerate", exact=True).click()
    expect(first).to_contain_text("A ladder.")
    expect(first).to_have_attribute("data-status", "completed")
    expect_accessible(chat.page, "two versions")
    first.get_by_role("button", name="More").click()
    expect(chat.page.get_by_role("button", name="New chat from here")).to_be_visible()
    expect_accessible(chat.page, "the menu of a message")
    chat.page.keyboard.press("Escape")

    expect(first.get_by_role("button", name="More")).to_be_focused()


def test_the_tree_of_all_versions_leads_to_each_of_them(chat: ChatPage, first: Locator) -> None:
    chat.site.fake.script(scenarios.say("A ladder."))
    first.get_by_role("button", name="Regenerate", exact=True).click()
    expect(first).to_contain_text("A ladder.")
    expect(first).to_have_attribute("data-status", "completed")
    first.get_by_role("button", name="More").click()
    chat.page.get_by_role("button", name="All versions").click()
    tree = chat.page.get_by_role("dialog", name="All versions")
    expect(tree.get_by_role("link")).to_have_count(5)
    expect(tree.get_by_role("link", name="2 of 2")).to_be_focused()
    expect_accessible(chat.page, "the tree of versions")
    tree.get_by_role("link", name="It leads up.").click()

    expect(chat.answer).to_contain_text("It leads up.")
    chat.expect_said("What is this?", "And where does it lead?")
