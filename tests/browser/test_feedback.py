"""Thumbs below an answer with their panel, and the report of a conversation."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.support import fake_scenarios as scenarios
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]
PANEL = "What is wrong with this answer?"


def thumb(article: Locator, name: str) -> Locator:
    return article.get_by_role("button", name=f"{name} answer", exact=True)


def expect_marks(article: Locator, *, good: bool = False, bad: bool = False) -> None:
    for name, is_pressed in (("Good", good), ("Bad", bad)):
        expect(thumb(article, name)).to_have_attribute("aria-pressed", str(is_pressed).lower())


@pytest.fixture
def answered(chat: ChatPage) -> ChatPage:
    chat.site.fake.script(scenarios.say("A staircase."))
    chat.ask("What is this?")
    chat.expect_reply("A staircase.")
    return chat


def test_thumbs_are_saved_at_once_shown_in_the_other_tab_and_restored(answered: ChatPage) -> None:
    other = answered.another_tab()
    expect_marks(answered.answer)
    height = answered.answer.bounding_box()
    thumb(answered.answer, "Good").click()
    expect_marks(answered.answer, good=True)
    expect_marks(other.answer, good=True)
    assert answered.answer.bounding_box() == height
    thumb(answered.answer, "Bad").click()
    expect_marks(answered.answer, bad=True)
    expect_marks(other.answer, bad=True)
    expect(other.page.get_by_role("form", name=PANEL)).to_have_count(0)
    thumb(answered.answer, "Good").click()
    expect_marks(other.answer, good=True)
    answered.reload()
    expect_marks(answered.answer, good=True)
    thumb(answered.answer, "Good").click()
    expect_marks(answered.answer)
    expect_marks(other.answer)
    answered.expect_same_as_opened_afresh()


def test_the_panel_of_a_bad_answer_is_filled_by_keyboard_and_blocks_nothing(answered: ChatPage) -> None:
    page = answered.page
    thumb(answered.answer, "Bad").focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("form", name=PANEL)
    expect(panel).to_be_visible()
    expect(thumb(answered.answer, "Bad")).to_be_focused()
    expect_accessible(page, "the panel of a bad answer")
    panel.get_by_role("checkbox", name="Not correct").focus()
    page.keyboard.press("Space")
    panel.get_by_role("textbox", name="Comment").fill("It is a ladder.")
    answered.site.fake.script(scenarios.say("A ladder."))
    answered.ask("Look again")
    expect(answered.answers.last).to_contain_text("A ladder.")
    expect(panel.get_by_role("textbox", name="Comment")).to_have_value("It is a ladder.")
    panel.get_by_role("textbox", name="Comment").press("Control+Enter")

    expect(page.get_by_text("Thank you. Your feedback was saved.")).to_be_visible()
    expect(panel).to_have_count(0)
    expect(thumb(answered.answers.first, "Bad")).to_be_focused()


def test_a_bad_answer_pressed_again_shows_what_was_said_and_only_remove_takes_it_back(
    answered: ChatPage,
) -> None:
    page = answered.page
    panel = page.get_by_role("form", name=PANEL)
    thumb(answered.answer, "Bad").click()
    panel.get_by_role("checkbox", name="Not correct").check()
    panel.get_by_role("textbox", name="Comment").fill("It is a ladder.")
    panel.get_by_role("button", name="Save").click()
    expect(panel).to_have_count(0)
    answered.reload()
    other = answered.another_tab()
    thumb(answered.answer, "Bad").click()
    expect(panel.get_by_role("textbox", name="Comment")).to_have_value("It is a ladder.")
    thumb(answered.answer, "Bad").click()
    expect(panel).to_have_count(0)
    expect_marks(answered.answer, bad=True)
    thumb(answered.answer, "Bad").click()
    expect(panel.get_by_role("checkbox", name="Not correct")).to_be_checked()
    panel.get_by_role("button", name="Remove").click()

    expect(panel).to_have_count(0)
    expect(thumb(answered.answer, "Bad")).to_be_focused()
    expect_marks(answered.answer)
    expect_marks(other.answer)


def test_escape_closes_the_panel_and_keeps_the_mark(answered: ChatPage) -> None:
    thumb(answered.answer, "Bad").click()
    panel = answered.page.get_by_role("form", name=PANEL)
    panel.get_by_role("textbox", name="Comment").press("Escape")
    expect(panel).to_have_count(0)
    expect(thumb(answered.answer, "Bad")).to_be_focused()
    expect_marks(answered.answer, bad=True)
    answered.page.keyboard.press("Enter")
    expect(panel).to_be_visible()
    answered.page.keyboard.press("Escape")

    expect(panel).to_have_count(0)
    expect_marks(answered.answer, bad=True)


def test_a_mark_that_cannot_be_saved_is_taken_back_with_a_sentence(answered: ChatPage) -> None:
    thumb(answered.answer, "Good").click()
    expect_marks(answered.answer, good=True)
    answered.troubles.expect("status of 429")
    held: list[Route] = []
    answered.page.route("**/feedback/", lambda route: held.append(route))  # noqa: PLW0108 - it marks what it gets
    thumb(answered.answer, "Bad").click()
    expect_marks(answered.answer, bad=True)
    expect(answered.page.get_by_role("form", name=PANEL)).to_be_visible()
    (route,) = held
    route.fulfill(status=429, content_type="text/plain", body="Wait a moment.")

    expect(answered.page.get_by_text("Wait a moment.")).to_be_visible()
    expect_marks(answered.answer, good=True)
    expect(answered.page.get_by_role("form", name=PANEL)).to_have_count(0)


def test_a_conversation_is_reported_from_its_menu_the_palette_and_an_answer(answered: ChatPage) -> None:
    page = answered.page
    page.locator("[data-conversation]:has([aria-current])").get_by_role("button").click()
    page.get_by_role("button", name="Report", exact=True).click()
    dialog = page.get_by_role("dialog", name="Report this conversation")
    expect(dialog).to_contain_text("What is this?")
    expect_accessible(page, "the report")
    dialog.get_by_role("button", name="Send report").click()
    expect(dialog.get_by_role("alert")).to_have_text("Choose a reason.")
    dialog.get_by_role("radio", name="Shows private data").check()
    dialog.get_by_role("textbox", name="Comment").fill("A face.")
    dialog.get_by_role("button", name="Send report").click()
    expect(page.get_by_text("Thank you. Your report was sent.")).to_be_visible()
    expect(dialog).to_be_hidden()
    page.keyboard.press("Control+k")
    page.get_by_role("dialog", name="Commands").get_by_role("combobox").fill("Report this")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("radio", name="Shows private data")).not_to_be_checked()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    answered.answer.get_by_role("button", name="More").click()
    page.locator("message-menu").get_by_role("button", name="Report", exact=True).click()
    expect(dialog).to_contain_text("What is this?")
    page.keyboard.press("Escape")
    expect(answered.answer.get_by_role("button", name="More")).to_be_focused()


def test_reviewers_see_marks_beside_answers_and_close_reports(
    answered: ChatPage, open_chat: OpenChat
) -> None:
    thumb(answered.answer, "Bad").click()
    panel = answered.page.get_by_role("form", name=PANEL)
    panel.get_by_role("checkbox", name="Not correct").check()
    panel.get_by_role("button", name="Save").click()
    expect(panel).to_have_count(0)
    path = answered.page.url.removeprefix(answered.site.url)
    sent = answered.page.evaluate(
        """async (path) => {
          const { posted } = await import(document.querySelector("link[href*='/lib/http.']").href);
          return (await posted(`${path}report/`, { reason: "private", comment: "A face." })).status;
        }""",
        path,
    )
    assert sent == 204
    root = open_chat("root")
    page = root.open(path.replace("/c/", "/admin/vision_chat/conversation/")).page
    expect(root.answer.get_by_label("Feedback of the person")).to_contain_text("Bad answer")
    expect(root.answer.get_by_label("Feedback of the person")).to_contain_text("Not correct")
    reports = page.get_by_role("region", name="Reports")
    expect(reports).to_contain_text("Reported: Shows private data")
    expect_accessible(page, "a reported conversation")
    reports.get_by_role("button", name="Mark as looked at").click()
    expect(page.get_by_text("The report is marked as looked at.")).to_be_visible()
    expect(reports).to_contain_text("Looked at on")
