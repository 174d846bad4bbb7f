"""A sealed conversation: a lead asks, its owner allows it, takes that back, and lets reviewers read."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser.accessible import expect_accessible
from tests.support.browser.site import Site, running_site

pytestmark = pytest.mark.browser

MAKE = """
from django.contrib.auth.models import User
from tests.support import factories
from tests.support.people import in_group
owner = User.objects.get(username="ann")
print(factories.turn(factories.conversation(owner, "Stairs in Rome")).conversation_id)
in_group("lila", "Leads")
"""
OpenPage = Callable[[str, str], Page]


@pytest.fixture
def sealing_site(prepared: Path, tmp_path: Path) -> Iterator[Site]:
    folder = shutil.copytree(prepared, tmp_path / "var")
    with running_site(folder, asks_for_reasons=True, seals=True) as site:
        yield site


@pytest.fixture
def open_page(chromium: Browser, sealing_site: Site) -> Iterator[OpenPage]:
    with ExitStack() as contexts:

        def open_page(name: str, path: str) -> Page:
            state = sealing_site.rows.sign_in(name)
            context = chromium.new_context(storage_state=state, base_url=sealing_site.url)
            contexts.callback(context.close)
            page = context.new_page()
            page.goto(path)
            return page

        yield open_page


def test_a_lead_reads_when_the_owner_allows_it_and_no_longer(sealing_site: Site, open_page: OpenPage) -> None:
    conversation = sealing_site.rows.run(MAKE).strip()
    lead = open_page("lila", f"/admin/vision_chat/conversation/{conversation}/change/")
    owner = open_page("ann", f"/c/{conversation}/")
    expect(lead.get_by_text("This conversation is sealed")).to_be_visible()
    lead.get_by_role("textbox", name="Reason").fill("A complaint about a picture.")
    lead.get_by_role("button", name="Ask the owner").click()
    expect(lead.locator("[data-asked=open]")).to_contain_text("Reason: A complaint about a picture.")
    expect(lead.get_by_text("Stairs in Rome")).to_have_count(0)
    expect(lead.get_by_role("textbox", name="Reason")).to_be_hidden()
    expect_accessible(lead, "the page of a sealed conversation")

    notice = owner.locator("[data-read-requests]")  # it comes by itself
    expect(notice).to_contain_text("lila asks to read “Stairs in Rome”.")
    expect_accessible(owner, "the chat in which somebody asks to read")
    notice.get_by_role("link", name="Answer").click()
    expect(owner.get_by_role("list", name="Requests")).to_contain_text("A complaint about a picture.")
    expect_accessible(owner, "the account page with a request")
    owner.get_by_role("button", name="Allow").click()
    expect(owner.get_by_role("list", name="May be read now")).to_contain_text("By lila, until")
    expect_accessible(owner, "the account page with a conversation that is open")
    lead.reload()
    expect(lead.get_by_role("heading", level=1)).to_have_text("Stairs in Rome")
    expect(lead.get_by_text("A staircase.")).to_be_visible()

    owner.goto(f"/c/{conversation}/")
    owner.set_viewport_size({"width": 1280, "height": 800})
    owner.get_by_role("button", name="Options for Stairs in Rome").click()
    owner.get_by_role("button", name="Who may read this").click()
    dialog = owner.get_by_role("dialog", name="Who may read this conversation")
    expect(dialog).to_contain_text("lila may read this conversation until")
    dialog.get_by_role("button", name="Take back").click()
    expect(dialog).to_contain_text("Nobody else may read this conversation.")
    expect_accessible(owner, "the dialog about readers")
    lead.reload()
    expect(lead.get_by_text("The owner took it back on")).to_be_visible()
    expect(lead.get_by_text("Stairs in Rome")).to_have_count(0)

    dialog.get_by_role("button", name="Let reviewers read this").click()
    expect(dialog).to_contain_text("Reviewers of this site may read this conversation.")
    lead.reload()
    expect(lead.get_by_role("button", name="Read this conversation")).to_be_visible()
