"""The page of an export: from the list, by keyboard, to the file."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import StorageState, expect

from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage
from tests.support.browser.site import Site, running_site

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]
OF_ROOT = "/admin/vision_chat/conversation/?owner=root"


@pytest.fixture(scope="module")
def site(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of its own, which asks for reasons, and where nobody else has conversations."""
    folder = shutil.copytree(prepared, tmp_path_factory.mktemp("asking") / "var")
    with running_site(folder, asks_for_reasons=True) as site:
        yield site


@pytest.fixture(scope="module")
def sessions() -> dict[str, StorageState]:
    return {}


@pytest.fixture(scope="module")
def of_root(site: Site) -> None:
    """Conversations that root may read without a reason, and others."""
    site.rows.create_conversations("root", 3, "Own")
    site.rows.create_conversations("dora", 2, "Dora")


@pytest.fixture
def root(open_chat: OpenChat, of_root: None) -> ChatPage:
    return open_chat("root")


def test_all_that_a_list_has_is_exported_by_keyboard(root: ChatPage, tmp_path: Path) -> None:
    page = root.page
    root.open(OF_ROOT)
    root.follow(page.get_by_role("link", name="Export…"))
    expect(page.get_by_role("heading", name="Export")).to_be_visible()
    expect(page.locator("[data-export-count]")).to_contain_text("3 conversations will be exported.")
    expect_accessible(page, "the page of an export")
    format_chosen = page.get_by_role("radio", name="Examples for fine-tuning, as JSON Lines")
    format_chosen.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Table of reviews, as CSV")).to_be_checked()
    expect(page.get_by_role("group", name="Pictures")).to_be_hidden()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="As files beside the lines, in a ZIP")).to_be_checked()
    pseudonyms = page.get_by_role("checkbox", name="Pseudonyms in place of names")
    expect(pseudonyms).to_have_accessible_description(
        "People and names of files. Texts and pictures stay as they are and may show who somebody is."
    )
    pseudonyms.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Export").focus()
    with page.expect_download() as downloading:
        page.keyboard.press("Enter")
    downloading.value.save_as(tmp_path / "export.zip")

    with ZipFile(tmp_path / "export.zip") as archive:
        records = [json.loads(line) for line in archive.read("conversations.jsonl").splitlines()]
    assert sorted(record["title"] for record in records) == ["Own 0", "Own 1", "Own 2"]
    assert {record["owner"][:7] for record in records} == {"person-"}
    root.follow(page.get_by_role("link", name="Back to the list"))
    expect(page).to_have_url(f"{root.site.url}{OF_ROOT}")


def test_the_rows_that_are_ticked_are_exported_without_those_that_may_not_be_read(root: ChatPage) -> None:
    page = root.page
    root.open("/admin/vision_chat/conversation/?owner=dora")
    for box in page.locator("[name=_selected_action]").all():
        box.check()
    page.locator("[name=action]").select_option("export")
    page.get_by_role("button", name="Go").click()

    expect(page.locator("[data-export-count]")).to_contain_text("2 more are left out")
    expect(page.get_by_role("button", name="Export")).to_have_count(0)
    expect_accessible(page, "the page of an export of nothing")
