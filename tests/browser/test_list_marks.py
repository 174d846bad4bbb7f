"""The list of conversations: where it is scrolled to, first pictures, and answers that are written or new."""

from collections.abc import Callable

import pytest
from playwright.sync_api import APIResponse, Locator, Route, expect

from tests.support import fake_scenarios as scenarios
from tests.support import sample_images
from tests.support.browser.chat_page import ChatPage, file
from tests.support.browser.site import Site
from tests.support.browser.site_rows import PASSWORD
from tests.support.browser.waiting import wait_for

pytestmark = pytest.mark.browser

LIST = "**/conversations/?open=*"


def item(chat: ChatPage, title: str) -> Locator:
    return chat.items.filter(has_text=title).first


def test_a_conversation_that_is_answered_is_marked_in_every_tab_until_it_is_seen(
    open_chat: Callable[..., ChatPage],
) -> None:
    asking, other = open_chat("cleo"), open_chat("cleo")
    other.expect_connected()
    asking.site.fake.script(scenarios.step("one two three"))
    asking.ask("Count for the list")
    call = asking.site.next_call()
    expect(item(other, "Count for the list")).to_have_attribute("data-running", "")
    expect(asking.page).to_have_title("… Count for the list · Vision Chat")
    call.release(10)
    asking.expect_reply()

    expect(item(other, "Count for the list")).to_have_attribute("data-fresh", "")
    link = item(other, "Count for the list").get_by_role("link")
    expect(link).to_have_attribute("aria-description", "There is a new answer.")
    expect(item(asking, "Count for the list")).not_to_have_attribute("data-running", "")
    expect(asking.page).to_have_title("Count for the list · Vision Chat")
    link.click()
    other.expect_said("Count for the list")
    expect(item(other, "Count for the list")).not_to_have_attribute("data-fresh", "")


def test_a_page_opened_while_an_answer_is_written_knows_it(chat: ChatPage) -> None:
    chat.site.fake.script(scenarios.step("one two three"))
    chat.ask("Count for a new page")
    call = chat.site.next_call()
    chat.open().expect_connected()
    expect(item(chat, "Count for a new page")).to_have_attribute("data-running", "")
    call.release(10)

    expect(item(chat, "Count for a new page")).to_have_attribute("data-fresh", "")


CONNECTS_WHEN_TOLD = """const Connection = window.WebSocket;
window.WebSocket = function (address) {
  const held = { readyState: Connection.CONNECTING, send() {}, close() {} };
  window.connect = () => {
    const real = new Connection(address);
    for (const name of ["onopen", "onmessage", "onclose"]) real[name] = held[name];
    for (const name of ["send", "close"]) held[name] = (...values) => real[name](...values);
    Object.defineProperty(held, "readyState", { get: () => real.readyState });
  };
  return held;
};
window.WebSocket.OPEN = Connection.OPEN;"""


def test_a_page_that_connects_after_the_end_of_an_answer_knows_that_nothing_runs(chat: ChatPage) -> None:
    chat.site.fake.script(scenarios.step("one two three"))
    chat.ask("Count before the connection")
    call = chat.site.next_call()
    new = ChatPage(chat.page.context.new_page(), chat.site, chat.troubles)
    new.page.add_init_script(CONNECTS_WHEN_TOLD)
    new.open()
    expect(item(new, "Count before the connection")).to_have_attribute("data-running", "")
    call.release(10)
    chat.expect_reply()
    expect(item(new, "Count before the connection")).to_have_attribute("data-running", "")
    new.page.evaluate("window.connect()")

    expect(item(new, "Count before the connection")).not_to_have_attribute("data-running", "")
    expect(item(new, "Count before the connection")).to_have_attribute("data-fresh", "")


def test_an_end_that_is_told_while_the_list_is_fetched_is_not_forgotten(chat: ChatPage) -> None:
    chat.site.fake.script(scenarios.step("one two three"))
    chat.ask("Count while the list comes")
    call = chat.site.next_call()
    answers: list[tuple[Route, APIResponse]] = []
    chat.page.route(LIST, lambda route: answers.append((route, route.fetch())), times=1)
    chat.open()
    wait_for(chat.page, lambda: bool(answers))
    call.release(10)
    expect(item(chat, "Count while the list comes")).to_have_attribute("data-fresh", "")
    [(route, answer)] = answers
    with chat.page.expect_request_finished(
        lambda request: request != route.request and "/conversations/" in request.url
    ):
        route.fulfill(response=answer)

    expect(item(chat, "Count while the list comes")).not_to_have_attribute("data-running", "")
    expect(item(chat, "Count while the list comes")).to_have_attribute("data-fresh", "")


def test_the_first_picture_of_a_conversation_stands_beside_its_title(chat: ChatPage) -> None:
    chat.attach(file("first.jpg", sample_images.encoded(sample_images.chart(), "JPEG")))
    chat.ask("What is in the list?")
    chat.expect_reply()
    picture = item(chat, "What is in the list?").locator("img")
    expect(picture).to_be_visible()
    source = picture.get_attribute("src")
    chat.ask("And now?")
    chat.expect_reply()
    expect(picture).to_have_attribute("src", source or "")
    chat.reload()

    expect(picture).to_have_attribute("src", source or "")


def test_the_list_keeps_its_place_from_page_to_page(site: Site, open_chat: Callable[..., ChatPage]) -> None:
    site.rows.create_person("mona")
    site.rows.create_conversations("mona", 40, "Listed")
    chat = open_chat("mona", viewport={"width": 1280, "height": 500})
    target = chat.page.get_by_role("link", name="Listed 30", exact=True)
    target.scroll_into_view_if_needed()
    chat.page.wait_for_function("() => document.querySelector('.conversations').scrollTop > 300")
    target.click()

    expect(chat.page).to_have_title("Listed 30 · Vision Chat")
    expect(target).to_be_in_viewport()


def test_a_list_that_was_cut_off_is_brought_up_to_date(open_chat: Callable[..., ChatPage]) -> None:
    chat, away = open_chat("cleo"), open_chat("cleo")
    away.expect_connected()
    away.troubles.expect("ERR_INTERNET_DISCONNECTED", "WebSocket connection to")
    away.go_offline()
    expect(away.connection_note).to_contain_text("No connection")
    chat.ask("Said meanwhile")
    chat.expect_reply()
    expect(item(away, "Said meanwhile")).to_have_count(0)
    away.go_online()

    expect(item(away, "Said meanwhile")).to_be_visible()


def test_a_hidden_tab_that_was_cut_off_asks_for_its_list_when_it_is_seen(
    open_chat: Callable[..., ChatPage],
) -> None:
    chat, away = open_chat("cleo"), open_chat("cleo")
    away.expect_connected()
    away.page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    away.troubles.expect("ERR_INTERNET_DISCONNECTED", "WebSocket connection to")
    away.go_offline()
    expect(away.connection_note).to_contain_text("No connection")
    chat.ask("Said while it was hidden")
    chat.expect_reply()
    requests: list[str] = []
    away.page.on("request", lambda request: requests.append(request.url))
    away.go_online()
    away.expect_connected()
    asked_for = [url for url in requests if not url.startswith("ws")]
    away.page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")

    expect(item(away, "Said while it was hidden")).to_be_visible()
    assert asked_for == []


def test_the_mark_of_an_answer_whose_process_died_goes_from_open_pages(
    site: Site, open_chat: Callable[..., ChatPage]
) -> None:
    site.rows.create_person("nina")
    chat = open_chat("nina")
    chat.ask("Which process is this?")
    chat.expect_reply()
    site.rows.create_running("nina", "Cut off")
    showing = open_chat("nina")
    chat.open().expect_connected()
    showing.follow(showing.page.get_by_role("link", name="Cut off"))
    showing.expect_connected()
    expect(showing.answer).to_have_attribute("data-status", "running")
    expect(item(showing, "Cut off")).to_have_attribute("data-running", "")
    expect(item(chat, "Cut off")).to_have_attribute("data-running", "")
    site.rows.show_no_life("Cut off")
    close_an_account(site, open_chat)  # housekeeping begins at once, rather than within a minute

    expect(item(chat, "Cut off")).not_to_have_attribute("data-running", "")
    expect(item(showing, "Cut off")).not_to_have_attribute("data-running", "")
    expect(showing.answer).to_have_attribute("data-status", "interrupted")
    expect(showing.page).to_have_title("Cut off · Vision Chat")


def close_an_account(site: Site, open_chat: Callable[..., ChatPage]) -> None:
    site.rows.create_person("otto")
    page = open_chat("otto").open("/account/delete/").page
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_role("heading", name="deleted")).to_be_visible()
