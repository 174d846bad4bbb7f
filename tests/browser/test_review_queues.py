"""A lead sets a rubric and a queue up by keyboard, two people review, and the lead sees how they agree."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage
from tests.support.browser.site import Site

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]
PEOPLE = """
from django.contrib.auth.models import User
from tests.support import factories, review_factories
from tests.support.people import in_group
password = User.objects.get(username="ann").password
lead = in_group("leonie", "Leads")
reviewers = [in_group(name, "Reviewers") for name in ("rachel", "ruben")]
User.objects.filter(pk__in=[person.pk for person in (lead, *reviewers)]).update(password=password)
for number in range(3):
    factories.index(factories.turn(factories.conversation(User.objects.get(username="eve"))).conversation)
"""


def row(page: Page, group: str, place: int) -> Locator:
    return page.get_by_role("group", name=group).locator("[data-row]").nth(place)


def press(page: Page, button: Locator) -> None:
    """Go to a button by keyboard, and press it."""
    button.focus()
    page.keyboard.press("Enter")


def typed(page: Page, words: str) -> None:
    page.keyboard.type(words)


def make_rubric(lead: ChatPage) -> None:
    page = lead.page
    lead.open("/admin/vision_chat/rubric/add/")
    expect(page.locator("rubric-preview")).to_contain_text("Harmful")
    page.get_by_role("textbox", name="Name:").focus()
    typed(page, "Pictures")
    verdicts = page.get_by_role("group", name="Verdicts")
    press(page, row(page, "Verdicts", 2).get_by_role("button", name="Remove"))
    press(page, row(page, "Verdicts", 0).get_by_role("button", name="Move down"))
    expect(row(page, "Verdicts", 1).get_by_label("Name", exact=True)).to_have_value("Good")
    expect(row(page, "Verdicts", 1).get_by_role("button", name="Move down")).to_be_focused()
    press(page, verdicts.get_by_role("button", name="Add a verdict"))
    typed(page, "Good")
    problems = page.locator("[data-problems]")
    expect(problems).to_contain_text("Two verdicts have this name.")
    page.keyboard.press("ControlOrMeta+a")
    typed(page, "Unsafe")
    expect(problems).to_have_count(0)
    press(page, page.get_by_role("button", name="Add a question"))
    typed(page, "Did it see the stairs?")
    question = row(page, "Questions", 0)
    question.get_by_label("Answer", exact=True).select_option("yes_no")
    expect(question.get_by_label("Choices", exact=True)).to_be_hidden()
    question.get_by_label("Bad mark", exact=True).select_option("no")
    expect(page.locator("rubric-preview")).to_contain_text("Did it see the stairs?")
    expect_accessible(page, "the form of a rubric")
    press(page, page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_role("status")).to_contain_text("added")


def make_queue(lead: ChatPage) -> None:
    page = lead.page
    lead.open("/admin/vision_chat/queue/add/")
    page.get_by_role("textbox", name="Name:").focus()
    typed(page, "Stairs of the day")
    page.get_by_label("Rubric", exact=False).first.select_option(label="Pictures")
    for name in ("rachel", "ruben"):
        page.get_by_role("checkbox", name=name).focus()
        page.keyboard.press("Space")
    share = page.get_by_label("Share of those with several reviewers")
    expect(share).to_be_hidden()
    page.get_by_label("Reviewers of one item").focus()
    page.keyboard.press("ControlOrMeta+a")
    typed(page, "2")
    expect(share).to_be_visible()
    press(page, page.get_by_role("button", name="Add a rule"))
    rule = row(page, "Rules", 0)
    expect(rule.get_by_label("Kind")).to_be_focused()
    rule.get_by_label("Kind").select_option("share")
    rule.get_by_label("Percent").focus()
    typed(page, "many")
    count = rule.get_by_role("button", name="How many would it find?")
    press(page, count)
    expect(rule.get_by_role("status")).to_contain_text("in percent")
    press(page, page.get_by_role("button", name="Save and continue editing"))
    expect(rule.get_by_label("Percent")).to_be_focused()  # what was refused, far below the name
    categories = rule.get_by_role("group", name="Categories")
    expect(categories).to_be_hidden()
    rule.get_by_label("Kind").select_option("moderation")
    expect(rule).to_contain_text("are sent to its endpoint")
    expect(categories.get_by_role("checkbox")).to_have_count(14)
    rule.get_by_label("Moderation model").fill("no/model")
    categories.get_by_label("Hate").check()
    press(page, count)
    expect(rule.get_by_role("status")).to_contain_text("Choose one of this site’s models")
    expect_accessible(page, "a rule about moderation")
    rule.get_by_label("Kind").select_option("words")
    expect(categories).to_be_hidden()
    rule.get_by_label("Words").fill("staircase")
    press(page, count)
    expect(rule.get_by_role("status")).to_contain_text("It would add")
    expect_accessible(page, "the form of a queue")
    press(page, page.get_by_role("button", name="Save and continue editing"))
    expect(page.get_by_role("status").first).to_contain_text("added")
    press(page, page.get_by_role("button", name="Fill now"))
    expect(page.get_by_role("status").first).to_contain_text("added")


def work(reviewer: ChatPage, verdict: str) -> int:
    """Work through the queue, always with this verdict. Returns the number of items."""
    page = reviewer.page
    reviewer.open("/admin/")
    press(page, page.locator("#content").get_by_role("link", name="Review queue"))
    card = page.get_by_role("region", name="Stairs of the day")
    expect(card.locator("[data-progress]")).to_have_count(2)
    expect_accessible(page, "the page of one's queues")
    waiting = int(card.locator("[data-waits]").get_attribute("data-waits") or "")
    press(page, card.get_by_role("link", name="Next item"))
    for left in range(waiting, 0, -1):
        expect(page.locator("[data-review-item]")).to_be_visible()
        item = page.url
        page.get_by_role("radio", name=verdict).press("Space")
        press(page, page.get_by_role("button", name="Done and next"))
        expect(page).not_to_have_url(item)
        assert page.url.endswith("/work/") == (left == 1)
    expect(card.get_by_role("link", name="Next item")).to_have_count(0)
    expect(card.get_by_role("link", name="Change").first).to_be_visible()
    return waiting


def test_a_lead_sets_up_a_queue_and_two_people_work_through_it(open_chat: OpenChat, site: Site) -> None:
    site.rows.run(PEOPLE)
    lead = open_chat("leonie")
    make_rubric(lead)
    make_queue(lead)
    rachel, ruben = open_chat("rachel"), open_chat("ruben")

    first = work(rachel, "Good")
    assert first >= 3
    expect(rachel.page.locator("#content")).to_contain_text("that you have done or skipped")
    assert work(ruben, "Flawed") == first
    expect(ruben.page.locator("#content")).to_contain_text("A lead decides where reviewers disagree.")

    page = lead.page
    press(page, page.get_by_role("link", name="Results"))
    expect(page.get_by_role("heading", name=f"{first} items await a decision")).to_be_visible()
    expect(page.get_by_role("region", name="Agreement")).to_contain_text("too few")
    press(page, page.get_by_role("region", name="Agreement").locator("summary").first)
    expect_accessible(page, "the results of a queue")
    press(page, page.get_by_role("link", name="Items", exact=True))
    expect_accessible(page, "the list of items")
    press(page, page.locator("#result_list").get_by_role("link", name=re.compile(r"^Item \d+$")).first)
    expect(page.locator("[data-review-item]")).to_be_visible()
    expect_accessible(page, "an item without its words")
    expect(page.get_by_role("link", name="Resolve")).to_be_visible()
