"""A conversation of 300 messages: its end first, and the rest as one goes there."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.support import fake_scenarios as scenarios
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage
from tests.support.browser.search import SearchDialog, expect_in_view
from tests.support.browser.site import Site
from tests.support.browser.waiting import HeldRequests

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]
COUNT = 300
Long = tuple[str, list[int]]
EARLIER = re.compile("/earlier/")
SCROLL_TO = "(view, top) => view.scrollTo({ top, behavior: 'instant' })"
WATCH_TOP = """(article) => {
  const top = () => article.getBoundingClientRect().top;
  window.tops = [top()];
  const look = () => {
    window.tops.push(top());
    window.watching = requestAnimationFrame(look);
  };
  look();
}"""
GO_TO_GAP_BETWEEN = """() => {
  const gap = document.querySelector("message-gap:not([data-after=''])");
  gap?.scrollIntoView({ block: "end", behavior: "instant" });
  return gap === null;
}"""
NEXT_FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
TOPS = "() => { cancelAnimationFrame(window.watching); return window.tops; }"


@pytest.fixture(scope="module")
def long(site: Site) -> Long:
    """The address of a conversation of 300 messages, and their ids."""
    return site.rows.create_long_conversation("ann", COUNT, "A long one")


def expect_stillness_while_earlier_ones_come(chat: ChatPage, loaded: int) -> None:
    """Scroll up: while messages come, the first one in sight is in the same place in every frame."""
    held = HeldRequests(chat.page, EARLIER)
    with chat.page.expect_request(EARLIER):
        chat.scroller.evaluate(SCROLL_TO, 500)
    seen = first_seen(chat)
    seen.evaluate(WATCH_TOP)
    held.release()
    chat.page.unroute(EARLIER)
    expect(chat.messages).to_have_count(loaded)
    seen.evaluate(NEXT_FRAME)
    tops = chat.page.evaluate(TOPS)
    assert max(tops) - min(tops) <= 1, tops


def first_seen(chat: ChatPage) -> Locator:
    """The first message that is wholly in sight."""
    number = chat.scroller.evaluate(
        """(view) => [...view.querySelectorAll("article")].find((article) =>
          article.getBoundingClientRect().top > view.getBoundingClientRect().top).dataset.messageId"""
    )
    return chat.page.locator(f"#message-{number}")


@pytest.mark.parametrize("size", [(1280, 800), (360, 740)], ids=["desktop", "phone"])
def test_earlier_messages_come_as_one_scrolls_up_and_nothing_jumps(
    open_chat: OpenChat, long: Long, size: tuple[int, int]
) -> None:
    address, ids = long
    chat = open_chat(viewport={"width": size[0], "height": size[1]}).open(address)
    expect(chat.messages).to_have_count(50)
    expect(chat.answer).to_be_in_viewport()
    for loaded in (100, 150):
        expect_stillness_while_earlier_ones_come(chat, loaded)

    assert [int(one.get_attribute("data-message-id") or 0) for one in chat.messages.all()] == ids[150:]


def test_nothing_jumps_either_while_an_answer_is_written_at_the_end(chat: ChatPage, site: Site) -> None:
    chat.open(site.rows.create_long_conversation("ann", 120, "One that goes on")[0])
    chat.site.fake.script(scenarios.say(tokens=4000, rate=30))
    chat.ask("And now?")
    chat.expect_written(20)
    expect_stillness_while_earlier_ones_come(chat, 102)
    chat.expect_running()
    chat.page.get_by_role("button", name="Stop").click()
    chat.expect_reply(status="stopped")


def test_the_keyboard_shows_earlier_messages_and_a_failure_can_be_tried_again(
    chat: ChatPage, long: Long
) -> None:
    chat.open(long[0])
    button = chat.page.get_by_role("button", name="Show earlier messages")
    chat.troubles.expect("ERR_FAILED", "Failed to load")
    chat.page.route(EARLIER, lambda route: route.abort())
    button.focus()
    chat.page.keyboard.press("Enter")
    failure = chat.page.get_by_role("alert").filter(has_text="could not be loaded")
    expect(failure).to_be_visible()
    expect_accessible(chat.page, "earlier messages that could not be loaded")
    chat.page.unroute(EARLIER)
    chat.page.keyboard.press("Enter")

    expect(failure).to_have_count(0)
    expect(chat.page.locator(f"#message-{long[1][249]}")).to_be_focused()


def test_a_message_far_above_is_found_and_gone_to_and_read_on_from_there(chat: ChatPage, long: Long) -> None:
    address, ids = long
    chat.open(address)
    sought = chat.page.locator(f"#message-{ids[40]}")
    search = SearchDialog(chat)
    search.open().box.fill("Message 41 of 300")
    search.results.filter(has_text="Message 41 of").first.click()
    expect(sought).to_be_focused()
    expect_in_view(sought)
    expect(chat.page).to_have_url(re.compile(address))
    between = chat.page.get_by_role("button", name="Show the messages between")
    expect(between).to_have_count(1)

    # down from there, until nothing is missing between
    chat.page.wait_for_function(GO_TO_GAP_BETWEEN)
    loaded = [int(one.get_attribute("data-message-id") or 0) for one in chat.messages.all()]
    assert loaded == ids[ids.index(loaded[0]) :]


def test_a_link_to_a_message_far_above_opens_there(chat: ChatPage, long: Long) -> None:
    address, ids = long
    chat.open(f"{address}?message={ids[100]}")
    sought = chat.page.locator(f"#message-{ids[100]}")
    expect(sought).to_be_focused()
    expect_in_view(sought)
    chat.to_end.click()
    expect(chat.answer).to_be_in_viewport()
    assert chat.answer.get_attribute("data-message-id") == str(ids[-1])


def test_the_viewer_counts_and_reaches_pictures_that_are_not_loaded(chat: ChatPage, site: Site) -> None:
    address, ids = site.rows.create_long_conversation("ann", 180, "One with pictures")
    site.rows.attach_pictures(ids[2], ids[100], ids[178])
    chat.open(address)
    chat.picture(f"{ids[178]}.png").click()
    details = chat.page.locator("[data-lightbox-details]")
    expect(details).to_contain_text("3 of 3")
    previous = chat.page.get_by_role("button", name="Previous")
    previous.click()
    expect(details).to_contain_text("2 of 3")
    previous.click()
    expect(details).to_contain_text("1 of 3")
    expect(previous).to_be_hidden()


def test_printing_fetches_the_whole_conversation(chat: ChatPage, long: Long) -> None:
    chat.page.add_init_script("window.print = () => (window.wasPrinted = true)")
    chat.open(long[0])
    chat.page.locator("message-gap[data-pictures]").wait_for(state="attached")
    chat.page.keyboard.press("Control+P")
    chat.page.wait_for_function("() => window.wasPrinted")
    expect(chat.messages).to_have_count(COUNT)
