"""A lead uses an item as a gold item, and who has judged it is told what was known."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage
from tests.support.browser.site import Site

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]
PEOPLE = """
from django.contrib.auth.models import User
from tests.support import review_factories
from tests.support.people import in_group
password = User.objects.get(username="ann").password
people = [in_group("gloria", "Leads"), in_group("goran", "Reviewers")]
User.objects.filter(pk__in=[person.pk for person in people]).update(password=password)
queue = review_factories.queue("Gold", gold_percent=100, gold_is_told=True)
queue.people.add(people[1])
review_factories.items(queue, User.objects.get(username="eve"), 2)
"""


def test_a_gold_item_is_made_judged_and_told(open_chat: OpenChat, site: Site) -> None:
    site.rows.run(PEOPLE)
    lead = open_chat("gloria")
    page = lead.page
    lead.open("/admin/vision_chat/reviewitem/")
    page.locator("#result_list").get_by_role("link", name=re.compile(r"^Item \d+$")).first.click()
    gold = page.get_by_role("region", name="Gold item")
    gold.get_by_label("Known verdict").select_option(label="Flawed")
    gold.get_by_label("Explanation").fill("Look at the sign.")
    gold.get_by_role("button", name="Use as a gold item").click()
    expect(page.get_by_role("status").first).to_contain_text("It is a gold item now.")
    expect_accessible(page, "an item that is a gold item")

    reviewer = open_chat("goran")
    own = reviewer.page
    reviewer.open("/admin/vision_chat/reviewitem/work/")
    own.get_by_role("link", name="Next item · Gold").click()
    own.get_by_role("radio", name="Good").press("Space")
    own.get_by_role("button", name="Done and next").click()
    told = own.locator("[data-told]")
    expect(told).to_contain_text("The known verdict is another one: Flawed")
    expect(told).to_contain_text("Look at the sign.")
    expect(own.get_by_role("button", name="Withdraw")).to_have_count(0)
    expect_accessible(own, "an item that was a gold one")

    page.get_by_role("link", name="Gold").first.click()
    page.get_by_role("link", name="Results").click()
    table = page.get_by_role("table", name="Gold items by reviewer")
    expect(table.get_by_role("row", name="goran")).to_contain_text("too few")
    expect_accessible(page, "results with gold items")
