"""A reviewer's form: what is typed and not saved stays, and what is missing or was said before is told."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support import fake_scenarios as scenarios
from tests.support.browser.chat_page import ChatPage
from tests.support.browser.site import Site

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]
LIST = "/admin/vision_chat/conversation/"
OF_DORA = f"{LIST}?owner=dora"
STORED = "() => Object.keys(localStorage).filter((key) => key.startsWith('review-draft:'))"


@pytest.fixture(scope="module")
def of_dora(site: Site) -> None:
    site.rows.create_conversations("dora", 8, "Dora")


@pytest.fixture
def root(open_chat: OpenChat, of_dora: None) -> ChatPage:
    return open_chat("root")


def open_row(chat: ChatPage, title: str, listed: str = OF_DORA) -> Page:
    chat.open(listed)
    chat.follow(chat.page.get_by_role("link", name=title, exact=True))
    expect(chat.page).to_have_title(re.compile(title))
    return chat.page


def note(page: Page) -> Locator:
    return page.get_by_label("Note")


def draft_line(page: Page) -> Locator:
    return page.get_by_text("This is a draft.")


def test_what_was_not_saved_is_there_again_after_going_on_and_back(root: ChatPage) -> None:
    page = open_row(root, "Dora 1")
    expect(draft_line(page)).to_be_hidden()
    page.get_by_role("radio", name="Flawed").check(force=True)
    note(page).fill("The steps are not counted.")
    expect(draft_line(page)).to_be_visible()
    root.follow(page.get_by_role("link", name="Next"))
    expect(page).to_have_title(re.compile("Dora 2"))
    expect(note(page)).to_have_value("")
    expect(draft_line(page)).to_be_hidden()
    page.keyboard.press("k")

    expect(note(page)).to_have_value("The steps are not counted.")
    expect(page.get_by_role("radio", name="Flawed")).to_be_checked()
    expect(draft_line(page)).to_be_visible()


@pytest.mark.parametrize("button", ["Save review", "Save and next"])
def test_a_draft_goes_when_it_is_saved(root: ChatPage, button: str) -> None:
    page = open_row(root, "Dora 3")
    page.get_by_role("radio", name="Good").check(force=True)
    note(page).fill(f"Saved by {button}")
    page.get_by_role("button", name=button).click()
    expect(page.get_by_text("was saved.")).to_be_visible()
    assert page.evaluate(STORED) == []
    open_row(root, "Dora 3")

    expect(note(page)).to_have_value("")
    expect(draft_line(page)).to_be_hidden()


def test_a_draft_outlives_a_review_that_was_refused(root: ChatPage) -> None:
    page = open_row(root, "Dora 4")
    note(page).fill("Not without a verdict")
    page.get_by_role("button", name="Save review").click()
    expect(page.get_by_text("Choose a verdict.")).to_be_visible()
    expect(page.get_by_role("radio", name="Good")).to_be_focused()
    page.reload()

    expect(note(page)).to_have_value("Not without a verdict")


def test_a_draft_that_is_discarded_is_gone_with_its_verdict(root: ChatPage) -> None:
    page = open_row(root, "Dora 5")
    page.get_by_role("radio", name="Harmful").check(force=True)
    note(page).fill("By mistake")
    page.get_by_role("button", name="Discard").click()
    expect(note(page)).to_be_focused()
    expect(draft_line(page)).to_be_hidden()
    page.reload()

    expect(note(page)).to_have_value("")
    expect(page.get_by_role("radio", name="Harmful")).not_to_be_checked()


def test_the_sentence_about_a_missing_verdict_goes_when_one_is_chosen(root: ChatPage) -> None:
    page = open_row(root, "Dora 6")
    page.keyboard.press("Control+Enter")
    missing = page.get_by_text("Choose a verdict.")
    expect(missing).to_be_visible()
    page.get_by_role("radio", name="Good").check(force=True)

    expect(missing).to_be_hidden()


def test_a_search_shows_where_the_words_are_and_the_conversation_opens_there(root: ChatPage) -> None:
    root.site.fake.script(scenarios.say("A word: heliotrope."), *[scenarios.say("Line.\n\n" * 40)] * 2)
    for question in ("First", "Second", "Third"):
        root.ask(question)
        root.expect_reply()
    root.open(f"{LIST}?q=heliotrope")
    row = root.page.locator("#result_list tbody th")
    expect(row).to_have_count(1)
    expect(row.locator("mark")).to_have_text("heliotrope")
    row.get_by_role("link").click()
    hit = root.page.locator("article", has_text="heliotrope")

    expect(hit).to_be_in_viewport()
    expect(root.page.locator("article").last).not_to_be_in_viewport()


def test_a_replaced_answer_with_the_words_is_unfolded(root: ChatPage) -> None:
    root.site.fake.script(scenarios.say("A word: amaranth. " + "Line.\n\n" * 40), scenarios.say("Another."))
    root.ask("How many?")
    root.expect_reply("A word: amaranth.")
    root.press("Regenerate")
    root.expect_reply("Another.")
    root.open(f"{LIST}?q=amaranth")
    root.page.locator("#result_list tbody th a").click()

    expect(root.page.get_by_text("A word: amaranth.")).to_be_in_viewport()


def test_who_has_reviewed_a_conversation_is_told_so_and_what_saving_does(root: ChatPage) -> None:
    page = open_row(root, "Dora 7")
    said = page.get_by_text(re.compile("You said"))
    expect(said).to_have_count(0)
    page.get_by_role("radio", name="Flawed").check(force=True)
    page.get_by_role("button", name="Save review").click()

    expect(said).to_contain_text("You said Flawed on")
    expect(said).to_contain_text("Saving adds a new review; the latest one counts.")
