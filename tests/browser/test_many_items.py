"""Many items at once, by keyboard and over a reload; and two people who work through one queue."""

import json
from collections import Counter
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support import scikit_learn
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage
from tests.support.browser.site import Site
from tests.support.queue_client import verdict_of

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]
VERDICTS = ["good", "flawed", "harmful"]
CREATE = """
from django.contrib.auth.models import User
from tests.support import factories, review_factories, sample_images
from tests.support.looking import run
from vision_chat.models import Message
from vision_chat.services.uploads import storage
owner = User.objects.get(username="eve")
queue = review_factories.queue({name!r}, reviewers_per_item={wanted})
made = review_factories.many_items(queue, owner, {count})
for reviewer in {reviewers!r}:
    review_factories.reviewer(reviewer)
password = owner.password
User.objects.filter(username__in={reviewers!r}).update(password=password)
image = storage.store(owner, "chart.png", run(sample_images.encoded(sample_images.chart(), "PNG")))
for question in Message.objects.filter(conversation__review_items__in=made[::2], role="user"):
    factories.attach(question, image)
print(queue.pk)
"""
CLOSE = """
from vision_chat.models import ReviewItem
from vision_chat.services.review_queues import items
items.close(ReviewItem.objects.get(pk={item}))
"""
READ = """
import json
from vision_chat.models import Review
of_queue = dict(assignment__item__queue={queue}, is_current=True)
rows = Review.objects.filter(**of_queue).values_list("assignment__item", "author__username", "verdict")
print(json.dumps(list(rows)))
"""


def make_queue(site: Site, name: str, count: int, *reviewers: str, wanted: int = 1) -> int:
    return int(site.rows.run(CREATE.format(name=name, count=count, reviewers=reviewers, wanted=wanted)))


def cards(page: Page) -> Locator:
    return page.locator("[data-card]")


def chosen(page: Page) -> Locator:
    return page.locator("[data-chosen]")


def judge(name: str, page: Page, given: dict[int, str]) -> bool:
    """Hand a verdict in where an item is open, and note it. Returns False where the queues are."""
    item = page.locator("[data-review-item]")
    expect(item.or_(page.get_by_role("region", name="For two"))).to_be_visible()
    if not item.is_visible():
        return False
    number = int(item.get_attribute("data-review-item") or "")
    assert number not in given, f"{name} got item {number} twice"
    given[number] = verdict_of(name, number, VERDICTS)
    page.keyboard.press(str(VERDICTS.index(given[number]) + 1))
    page.keyboard.press("Control+Enter")
    return True


def test_many_items_are_judged_by_keyboard_and_handed_in_together(open_chat: OpenChat, site: Site) -> None:
    queue = make_queue(site, "At once", 5, "mina")
    chat = open_chat("mina")
    chat.troubles.expect(r"Failed to load resource: the server responded with a status of (409|410)")
    page, keys = chat.page, chat.page.keyboard
    chat.open("/admin/vision_chat/reviewitem/work/")
    page.get_by_role("link", name="Many at once · At once").click()
    expect(page.locator("many-items:defined")).to_be_visible()
    expect(cards(page)).to_have_count(5)
    expect_accessible(page, "many items at once")

    keys.press("1")
    expect(cards(page).first).to_be_focused()
    expect(cards(page).first.get_by_role("radio", name="Good")).to_be_checked()
    keys.press("ArrowRight")
    keys.press("2")
    expect(cards(page).nth(1).get_by_role("radio", name="Flawed")).to_be_checked()
    keys.press("0")
    expect(chosen(page)).to_have_text("1 of 5 have a verdict.")
    keys.press("3")
    expect(page.locator("[data-state]")).to_have_text("Saved")
    page.reload()
    expect(chosen(page)).to_have_text("2 of 5 have a verdict.")
    expect(cards(page).nth(1).get_by_role("radio", name="Harmful")).to_be_checked()

    page.get_by_role("button", name="Without verdict").press("Enter")
    expect(cards(page).first).to_be_hidden()
    cards(page).nth(2).focus()
    keys.press("1")
    expect(cards(page).nth(3)).to_be_focused()  # the one before is out of sight now
    item = cards(page).nth(2).get_attribute("data-item")
    site.rows.run(CLOSE.format(item=item))
    keys.press("Control+Enter")
    refused = page.locator(f"[data-item='{item}']")
    expect(cards(page)).to_have_count(3)
    expect(page.locator("[data-progress]")).to_contain_text("You: 2 done")
    page.get_by_role("button", name="Without verdict").press("Enter")
    expect(refused.get_by_role("alert")).to_contain_text("This item is closed")
    expect(refused.get_by_role("radio", name="Good")).to_be_checked()
    cards(page).last.focus()
    keys.press("Enter")
    opened = page.locator("review-item:defined")
    expect(opened).to_be_visible()
    site.rows.run(CLOSE.format(item=opened.get_attribute("data-review-item")))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # it asks at once
    expect(page.locator("[data-lost]")).to_contain_text("Your text is kept on this page.")
    expect(page.get_by_text("This conversation is no longer open to you.")).to_be_visible()
    page.go_back()
    expect(cards(page)).to_have_count(1)
    page.get_by_role("button", name="Give back the rest").press("Enter")
    expect(page).to_have_url(f"{site.url}/admin/vision_chat/reviewitem/work/")
    expect(page.get_by_role("status").first).to_contain_text("1 item was given back.")
    assert len(json.loads(site.rows.run(READ.format(queue=queue)))) == 2


def test_two_reviewers_in_two_browsers_work_through_a_queue(open_chat: OpenChat, site: Site) -> None:
    queue = make_queue(site, "For two", 10, "nell", "nils", wanted=2)
    given: dict[str, dict[int, str]] = {"nell": {}, "nils": {}}
    working = {name: open_chat(name).page for name in given}
    for page in working.values():
        page.goto(f"{site.url}/admin/vision_chat/reviewitem/work/{queue}/next/")
    while working:
        left = {name: page.url for name, page in working.items() if judge(name, page, given[name])}
        working = {name: working[name] for name in left}
        for name, url in left.items():
            expect(working[name]).not_to_have_url(url)

    said = json.loads(site.rows.run(READ.format(queue=queue)))
    assert Counter(item for item, *_ in said) == dict.fromkeys(given["nell"], 2)
    assert {(item, name): verdict for item, name, verdict in said} == {
        (item, name): verdict for name, each in given.items() for item, verdict in each.items()
    }
    both = sorted(given["nell"])
    kappa = scikit_learn.kappa([given["nell"][each] for each in both], [given["nils"][each] for each in both])
    lead = open_chat("root").page
    lead.goto(f"{site.url}/admin/vision_chat/queue/{queue}/results/")
    expect(lead.locator(".agreement [data-label=Kappa]").first).to_contain_text(f"{kappa:.2f}")
