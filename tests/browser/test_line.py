"""Answers that wait for a place, as their pages show them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support import fake_scenarios as scenarios
from tests.support.browser.chat_page import ChatPage
from tests.support.browser.site import Site

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]
KEEP_WORDS = """() => {
  window.wordsSeen = [];
  new MutationObserver(() => {
    const waiting = document.querySelector("reply-waiting");
    if (!waiting) return;
    waiting.dataset.waited = 60;
    const words = waiting.hidden ? "" : waiting.querySelector("span").textContent;
    if (words && words !== window.wordsSeen.at(-1)) window.wordsSeen.push(words);
  }).observe(document, { attributeFilter: ["hidden"], childList: true, characterData: true, subtree: true });
}"""
"""Keeps each change of what a page says of an answer that seems to have waited for a minute."""


@pytest.fixture(scope="module")
def ned(site: Site) -> str:
    """Somebody whose model writes one answer at a time."""
    site.rows.create_person("ned")
    site.rows.create_models("ned", {"model_name": "fake/narrow"}, max_replies=1)
    return "ned"


def choose_narrow(chat: ChatPage) -> None:
    """Choose the model, which new chats begin with from then on."""
    chat.page.get_by_role("combobox", name="Model", exact=True).click()
    chat.page.get_by_role("dialog", name="Models").get_by_role("option").filter(
        has_text="fake/narrow"
    ).click()
    expect(chat.page.get_by_role("combobox", name="Model", exact=True)).to_have_text("fake/narrow")


def expect_ahead(chat: ChatPage, ahead: int, words: str) -> None:
    article = chat.page.locator("article[data-role=assistant][data-status=running]")
    expect(article.locator(f'[data-queued="{ahead}"]')).to_contain_text(words)


def test_pages_say_how_many_are_ahead_and_show_the_answer_when_it_is_their_turn(
    open_chat: OpenChat, site: Site, ned: str
) -> None:
    site.fake.script(scenarios.step("First."), scenarios.step("Third."))
    first = open_chat(ned)
    choose_narrow(first)
    first.ask("One")
    call = site.next_call()
    second, third = open_chat(ned), open_chat(ned)
    second.ask("Two")
    expect_ahead(second, 0, "Yours is next.")
    third.ask("Three")
    expect_ahead(third, 1, "1 ahead of you")
    third.reload()
    expect_ahead(third, 1, "1 ahead of you")

    second.stop_button.click()
    second.expect_reply(status="stopped")
    expect_ahead(third, 0, "Yours is next.")
    call.release(100)
    first.expect_reply("First.")
    call = site.next_call()
    call.release()
    third.expect_written(5)
    expect(third.page.locator("[data-queued]")).to_have_count(0)
    call.release(100)
    third.expect_reply("Third.")
    third.expect_same_as_opened_afresh()


def test_a_page_that_connects_says_only_once_how_many_are_ahead(
    open_chat: OpenChat, site: Site, ned: str
) -> None:
    site.fake.script(scenarios.step("First."))
    first = open_chat(ned)
    choose_narrow(first)
    first.ask("One")
    call = site.next_call()
    second = open_chat(ned)
    second.ask("Two")
    expect_ahead(second, 0, "Yours is next.")
    page = second.page
    page.add_init_script(f"({KEEP_WORDS})()")
    with page.expect_websocket() as socket:
        second.reload()
    socket.value.wait_for_event("framereceived", lambda frame: "reply.note" in frame)
    expect(second.waiting).to_contain_text("Yours is next.")
    assert page.evaluate("window.wordsSeen") == ["Many answers are being written right now. Yours is next."]

    second.stop_button.click()
    second.expect_reply(status="stopped")
    call.release(100)
    first.expect_reply("First.")
