"""A question that is edited in its place: it gets a version beside it, and no word is lost."""

import pytest
from playwright.sync_api import Locator, expect

from tests.support import fake_scenarios as scenarios
from tests.support import sample_images
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage, file
from tests.support.browser.waiting import still_top

pytestmark = pytest.mark.browser


@pytest.fixture
def question(chat: ChatPage) -> Locator:
    """The first of two questions, which has a picture."""
    chat.site.fake.script(scenarios.say("A staircase."), scenarios.say("It leads up."))
    chat.attach(file("chart.jpg", sample_images.encoded(sample_images.chart(), "JPEG")))
    chat.expect_uploads("ready")
    chat.ask("What is this?")
    chat.expect_reply("A staircase.")
    chat.ask("And where does it lead?")
    chat.expect_reply("It leads up.")
    for _ in range(2):
        chat.site.next_call()
    return chat.messages.first


def box(article: Locator) -> Locator:
    return article.get_by_role("textbox", name="Edit your question")


def begin(article: Locator) -> Locator:
    """Press Edit and return the box."""
    article.hover()
    article.get_by_role("button", name="Edit", exact=True).click()
    expect(box(article)).to_be_focused()
    return box(article)


def test_an_edited_question_keeps_its_picture_gets_its_own_answer_and_leaves_the_old_one(
    chat: ChatPage, question: Locator
) -> None:
    chat.site.fake.script(scenarios.say("A chart with bars."))
    edited = begin(question)
    expect(edited).to_have_value("What is this?")
    expect(question.locator("[data-upload]")).to_have_attribute("data-state", "ready")
    edited.fill("What does the chart show?")
    edited.press("Enter")

    chat.expect_said("What does the chart show?")
    expect(chat.messages.first).to_have_attribute("data-siblings", "2/2")
    expect(chat.answer).to_contain_text("A chart with bars.")
    assert "data:image" in str(chat.site.next_call().body["messages"][-1])
    expect(chat.picture("chart.jpg")).to_be_visible()
    expect(chat.box).to_be_focused()
    chat.messages.first.get_by_role("button", name="Previous version").click()
    chat.expect_said("What is this?", "And where does it lead?")
    chat.expect_same_as_opened_afresh()


def test_pictures_are_taken_out_and_added_while_editing(chat: ChatPage, question: Locator) -> None:
    chat.site.fake.script(scenarios.say("Another one."))
    begin(question)
    question.get_by_role("button", name="Remove chart.jpg").click()
    expect(box(question)).to_be_focused()
    question.get_by_label("Attach pictures").set_input_files(
        file("photo.jpg", sample_images.encoded(sample_images.chart(), "JPEG"))
    )
    expect(question.locator("[data-upload]")).to_have_attribute("data-state", "ready")
    expect(box(question)).to_be_focused()
    question.get_by_role("button", name="Send").click()

    expect(chat.answer).to_contain_text("Another one.")
    expect(chat.picture("photo.jpg")).to_be_visible()
    expect(chat.picture("chart.jpg")).to_have_count(0)
    chat.messages.first.get_by_role("button", name="Previous version").click()
    expect(chat.picture("chart.jpg")).to_be_visible()


def test_arrow_up_in_an_empty_box_edits_the_last_question_and_escape_keeps_it(
    chat: ChatPage, question: Locator
) -> None:
    last = chat.messages.nth(2)
    chat.write("typed")
    chat.box.press("ArrowUp")
    expect(box(last)).to_have_count(0)
    chat.box.fill("")
    chat.box.press("ArrowUp")
    expect(box(last)).to_be_focused()
    box(last).press("Escape")
    expect(chat.box).to_be_focused()
    expect(chat.toast).to_have_count(0)
    chat.box.press("ArrowUp")
    box(last).fill("Not this")
    box(last).press("Escape")
    expect(chat.toast).to_contain_text("Your changes were dropped.")
    chat.expect_said("What is this?", "And where does it lead?")
    chat.page.keyboard.press("Control+Z")

    expect(box(last)).to_have_value("Not this")
    expect(box(last)).to_be_focused()
    box(last).press("Escape")
    expect(chat.toast).to_contain_text("Your changes were dropped.")
    chat.box.press("ArrowUp")
    box(last).fill("This one")
    box(last).press("Enter")
    chat.expect_said("What is this?", "This one")
    expect(chat.page.locator(".toast")).to_have_count(0)


def test_what_is_edited_survives_a_reload_another_tab_and_a_switch_of_versions(
    chat: ChatPage, question: Locator
) -> None:
    begin(question).fill("What does the chart show")
    other = chat.another_tab()
    expect(box(other.messages.first)).to_have_count(0)
    other.site.fake.script(scenarios.say("Up to the roof."))
    other.press("Regenerate")
    other.expect_reply("Up to the roof.")
    expect(chat.answer).to_contain_text("Up to the roof.")
    expect(box(question)).to_be_focused()
    expect(box(question)).to_have_value("What does the chart show")
    chat.reload()
    expect(box(question)).to_have_value("What does the chart show")
    other.site.fake.script(scenarios.say("Something else."))
    begin(other.messages.first).fill("Something else?")
    other.page.keyboard.press("Enter")
    expect(chat.toast).to_contain_text("Your changes are kept")
    expect(chat.answer).to_contain_text("Something else.")
    other.messages.first.get_by_role("button", name="Previous version").click()

    expect(box(question)).to_have_value("What does the chart show")
    chat.expect_said("What is this?", "And where does it lead?")


def test_nothing_moves_when_the_box_opens_and_it_is_accessible(chat: ChatPage, question: Locator) -> None:
    chat.page.set_viewport_size({"width": 800, "height": 420})
    last = chat.messages.nth(2)
    last.hover()
    before = still_top(last)
    edited = begin(last)

    assert still_top(last) == pytest.approx(before, abs=1)
    assert "message" not in (edited.get_attribute("aria-label") or "").lower()
    expect_accessible(chat.page, "a question that is edited")
