"""The audit log in the administration, and what its owner sees of it on the account page."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage
from tests.support.browser.site import Site

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]


@pytest.fixture(scope="module")
def _readings(site: Site) -> None:
    site.rows.create_person("gus")
    site.rows.create_conversations("gus", 7, "Stairs")
    site.rows.read_conversations("gus", "Somebody reported a picture in it")


@pytest.mark.usefixtures("_readings")
def test_an_auditor_finds_who_has_read_what(open_chat: OpenChat) -> None:
    page = open_chat("root").open("/admin/").page
    page.get_by_role("navigation", name="Administration").get_by_role("link", name="Audit log").click()
    expect(page.get_by_role("row", name="Opened a conversation").first).to_contain_text("gus")
    expect(page.get_by_role("row", name="Changed rights").first).to_contain_text("Added: group: Leads, staff")
    expect_accessible(page, "the audit log")
    page.set_viewport_size({"width": 390, "height": 800})
    details = page.locator(".field-more").filter(has_text="Added: group: Leads, staff").first
    details.scroll_into_view_if_needed()
    box = details.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("searchbox", name="Search").fill("nobody of that name")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Nothing matches your search and filters.")).to_be_visible()


@pytest.mark.usefixtures("_readings")
def test_people_are_told_who_has_read_their_conversations(open_chat: OpenChat) -> None:
    page = open_chat("gus").open("/account/").page
    readings = page.get_by_role("list", name="Who has read my conversations")
    expect(readings.get_by_role("listitem")).to_have_count(5)
    expect(readings.get_by_role("listitem").nth(1)).to_contain_text("Exported")
    expect(readings.get_by_role("listitem").nth(1)).to_contain_text("Opened once that day")
    expect(readings).to_contain_text("Somebody reported a picture in it")
    expect(page.get_by_role("list", name="Earlier")).to_be_hidden()
    page.get_by_text("Show all 7").click()
    expect(page.get_by_role("list", name="Earlier").get_by_role("listitem")).to_have_count(2)
    expect(page.get_by_text("A conversation that is deleted")).to_be_visible()
    expect_accessible(page, "the account page with readings")
    page.get_by_role("link", name="Stairs 2").click()

    expect(page).to_have_title("Stairs 2 · Vision Chat")
