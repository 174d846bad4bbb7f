"""A lead who needs a reason to read: the list with locks, the reason, and what they may read then."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser.accessible import expect_accessible
from tests.support.browser.site import Site, running_site

pytestmark = pytest.mark.browser

LIST = "/admin/vision_chat/conversation/"
SIZES = [(1280, 800), (390, 844)]
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
MAKE = """
from django.contrib.auth.models import User
from tests.support import factories
from tests.support.people import in_group
factories.turn(factories.conversation(User.objects.get(username="ann"), "Stairs in Rome"))
in_group("lea", "Leads")
"""


@pytest.fixture
def asking_site(prepared: Path, tmp_path: Path) -> Iterator[Site]:
    with running_site(shutil.copytree(prepared, tmp_path / "var"), asks_for_reasons=True) as site:
        site.rows.run(MAKE)
        yield site


@pytest.fixture
def page(chromium: Browser, asking_site: Site) -> Iterator[Page]:
    context = chromium.new_context(storage_state=asking_site.rows.sign_in("lea"), base_url=asking_site.url)
    yield context.new_page()
    context.close()


def expect_calm(page: Page, what: str) -> None:
    """No rule of accessibility is broken, in light and dark, and nothing is wider than the window."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(OVERFLOW) == 0
        expect_accessible(page, what)


def test_a_conversation_is_read_with_a_reason_and_by_keyboard_alone(page: Page) -> None:
    page.goto(LIST)
    locked = page.get_by_role("rowheader").get_by_role("link")
    expect(locked).to_contain_text("Conversation ")
    expect(page.get_by_text("Stairs in Rome")).to_have_count(0)
    expect_calm(page, "the list with locks")
    locked.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Conversation ")
    expect_calm(page, "the page that asks for a reason")

    reason = page.get_by_role("textbox", name="Reason")
    reason.fill("why")
    reason.press("Tab")
    expect(page.get_by_role("button", name="Read this conversation")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").get_by_text("Say it in a few words.")).to_be_visible()
    expect_calm(page, "the page with a reason that says nothing")
    reason.fill("Ann asked for help.")
    reason.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Stairs in Rome")
    expect(page.locator("[data-grant]")).to_contain_text("Reason: Ann asked for help.")
    expect(page.get_by_text("A staircase.")).to_be_visible()
    expect_calm(page, "the transcript with the reason")
    page.goto(LIST)
    expect(page.get_by_role("link", name="Stairs in Rome")).to_be_visible()
