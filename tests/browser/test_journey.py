"""The product from its first start to a judged and exported conversation, with the built-in demo endpoint."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import sample_images
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage
from tests.support.browser.site import Site, running_site
from tests.support.browser.site_rows import PASSWORD
from tests.support.browser.troubles import Troubles
from tests.support.server import PATIENCE_MS

pytestmark = [pytest.mark.browser, pytest.mark.long]

QUESTION = "What can you tell me about this picture?"


@pytest.fixture
def fresh_site(tmp_path: Path) -> Iterator[Site]:
    with running_site(tmp_path, demo=True) as site:
        yield site


@pytest.fixture
def chat(chromium: Browser, fresh_site: Site) -> Iterator[ChatPage]:
    """A browser that knows nothing of this server yet."""
    troubles = Troubles(fresh_site)
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE_MS)
    troubles.watch(context)
    yield ChatPage(context.new_page(), fresh_site, troubles)
    context.close()
    troubles.check()


def test_from_the_first_start_to_a_reviewed_conversation(chat: ChatPage, tmp_path: Path) -> None:
    set_up(chat)
    expect(chat.page.locator("[data-demo-notice]")).to_contain_text("no language model")
    chat.page.get_by_role("button", name="Hide this notice").click()
    send_photograph(chat, tmp_path)
    watch_answer_over_a_reload(chat)
    export = review(chat.page, chat.site.url)

    record = json.loads(export)
    assert [message["role"] for message in record["messages"]] == ["user", "assistant"]
    assert record["messages"][0]["text"] == QUESTION
    assert "A clear answer" in export


def set_up(chat: ChatPage) -> None:
    """The link that the server has printed makes its first administrator, once."""
    page = chat.page
    page.goto(chat.site.set_up_url)
    expect_accessible(page, "the set-up page")
    page.get_by_label("Username").fill("root")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password confirmation").fill(PASSWORD)
    page.get_by_role("button", name="Create the administrator").click()
    expect(page.get_by_role("heading", name="Show me a picture")).to_be_visible()


def send_photograph(chat: ChatPage, folder: Path) -> None:
    """Dropped into the page as the phone wrote it: lying, with orientation and position."""
    photograph = folder / "stairs.jpg"
    photograph.write_bytes(sample_images.photograph((1600, 1200)))
    chat.drop(photograph)
    chat.expect_uploads("ready")
    chat.ask(QUESTION)
    thumbnail = chat.picture("stairs.jpg").locator("img")
    expect(thumbnail).to_be_visible()
    width, height = thumbnail.evaluate(
        "(image) => image.decode().then(() => [image.naturalWidth, image.naturalHeight])"
    )
    assert height > width


def watch_answer_over_a_reload(chat: ChatPage) -> None:
    chat.expect_running()
    chat.expect_written(200)
    seen = chat.blocks.first.inner_text()
    chat.reload()
    expect(chat.blocks.first).to_contain_text(seen)
    chat.expect_reply(re.compile("demo", re.IGNORECASE))
    assert chat.answer.locator("[data-body] :is(strong, table, ul, h2, h3)").count() > 0
    chat.expect_said(QUESTION)
    expect(chat.page.locator("[data-demo-notice]")).to_have_count(0)
    chat.expect_same_as_opened_afresh()


def review(page: Page, url: str) -> str:
    """As an administrator: read, judge, export; returns the exported line."""
    page.get_by_role("link", name="Review and administration").click()
    page.get_by_role("link", name="Conversations").first.click()
    page.get_by_role("link", name=QUESTION).click()
    expect(page.locator("article[data-role=user]")).to_contain_text(QUESTION)
    expect(page.locator("article[data-role=assistant]")).to_contain_text("demo")
    expect(page.locator("[data-image] img")).to_be_visible()
    page.locator("[name=verdict]").first.check()
    page.locator("[name=note]").fill("A clear answer")
    page.get_by_role("button", name="Save review").click()
    expect(page.locator("#content")).to_contain_text("A clear answer")
    page.goto(f"{url}/admin/vision_chat/conversation/")
    page.locator("[name=_selected_action]").first.check()
    page.locator("[name=action]").select_option("export")
    page.get_by_role("button", name="Go").click()
    page.get_by_label("Whole conversations, as JSON Lines").check()
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Export").click()
    lines = downloading.value.path().read_text().splitlines()
    assert len(lines) == 1
    return lines[0]
