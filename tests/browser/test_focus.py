"""The focus after what it was in has closed."""

import re
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.support import sample_images
from tests.support.browser.chat_page import ChatPage, file
from tests.support.browser.site import Site
from tests.support.browser.waiting import wait_for

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]
WithConversations = Callable[[int, str], ChatPage]


@pytest.fixture
def title() -> str:
    """No other conversation has it."""
    return f"About {uuid.uuid4().hex[:8]}"


@pytest.fixture
def told(open_chat: OpenChat, title: str) -> ChatPage:
    """Dora's page with a conversation of this title, which has a picture."""
    chat = open_chat("dora")
    chat.attach(file("one.jpg", sample_images.encoded(sample_images.chart(), "JPEG")))
    chat.expect_uploads("ready")
    chat.ask(title)
    chat.expect_reply()
    expect(opener(chat, title)).to_be_attached()
    return chat


def opener(chat: ChatPage, title: str) -> Locator:
    return chat.page.get_by_role("button", name=f"Options for {title}")


def link(chat: ChatPage, title: str) -> Locator:
    return chat.items.get_by_role("link", name=title)


def open_menu(chat: ChatPage, title: str) -> Locator:
    """By keyboard."""
    opener(chat, title).focus()
    chat.page.keyboard.press("Enter")
    menu = chat.page.locator("#conversation-menu")
    expect(menu.get_by_role("button").first).to_be_focused()
    return menu


@pytest.fixture
def with_conversations(site: Site, open_chat: OpenChat) -> WithConversations:
    """Open a browser of somebody who has these conversations and no others."""

    def open_one(count: int, title: str) -> ChatPage:
        name = uuid.uuid4().hex[:8]
        site.rows.create_person(name)
        site.rows.create_conversations(name, count, title)
        return open_chat(name)

    return open_one


def press(button: Locator) -> None:
    """By keyboard."""
    button.focus()
    button.press("Enter")


def delete(chat: ChatPage, title: str) -> None:
    press(open_menu(chat, title).get_by_role("button", name="Delete"))
    expect(chat.toast).to_contain_text(title)


def test_a_restored_conversation_of_the_list_has_the_focus_and_its_picture(
    told: ChatPage, title: str
) -> None:
    told.open()
    picture = told.items.filter(has_text=title).locator("img")
    expect(picture).to_have_count(1)
    delete(told, title)
    press(told.toast.get_by_role("button", name="Undo"))

    expect(link(told, title)).to_be_focused()
    expect(picture).to_have_count(1)


def test_a_restored_conversation_that_was_open_has_the_focus_in_the_list_of_its_page(
    told: ChatPage, title: str
) -> None:
    delete(told, title)
    expect(told.page).to_have_url(f"{told.site.url}/")
    press(told.toast.get_by_role("button", name="Undo"))

    told.expect_said(title)
    expect(link(told, title)).to_be_focused()
    told.reload()
    expect(told.box).to_be_focused()


@pytest.mark.parametrize("count", [1, 30])
def test_a_restored_conversation_stands_under_its_own_day_again(
    with_conversations: WithConversations, count: int
) -> None:
    """The only one of its day, or of the whole list."""
    chat = with_conversations(count, "Listed")
    days = chat.page.locator("[data-day]")
    before = days.all_text_contents()
    last = chat.items.last.get_by_role("link").inner_text()
    delete(chat, last)
    expect(link(chat, last)).to_have_count(0)
    press(chat.toast.get_by_role("button", name="Undo"))

    expect(link(chat, last)).to_be_focused()
    expect(days).to_have_text(before)


def test_a_restored_conversation_has_the_focus_where_older_ones_are_not_shown(
    with_conversations: WithConversations,
) -> None:
    chat = with_conversations(70, "Listed")
    chat.open()
    delete(chat, "Listed 59")
    expect(link(chat, "Listed 58")).to_be_focused()
    press(chat.toast.get_by_role("button", name="Undo"))

    expect(link(chat, "Listed 59")).to_be_focused()
    expect(chat.items.last).to_contain_text("Listed 59")


def test_a_notice_that_is_closed_gives_the_focus_to_the_message_box(told: ChatPage, title: str) -> None:
    told.open()
    delete(told, title)
    press(told.toast.get_by_role("button", name="Close"))

    expect(told.page.locator(".toast")).to_have_count(0)
    expect(told.box).to_be_focused()


def test_after_the_only_conversation_is_deleted_a_new_chat_is_next(
    with_conversations: WithConversations,
) -> None:
    chat = with_conversations(1, "Alone")
    chat.open()
    delete(chat, "Alone 0")

    expect(chat.items).to_have_count(0)
    expect(chat.page.get_by_role("button", name="New chat")).to_be_focused()


def test_a_page_that_comes_slowly_takes_the_focus_from_nobody(told: ChatPage) -> None:
    """Its scripts come when the person has gone to a link already."""
    search = told.page.get_by_role("button", name="Search", exact=True)

    # a request of the new page may come while the old one is still there
    of_new_page = told.page.locator("html:not([data-old])").get_by_role("button", name="Search", exact=True)

    def has_focus() -> bool:
        of_new_page.focus()
        return bool(of_new_page.evaluate("(button) => button === document.activeElement"))

    def arrive_late(route: Route) -> None:
        wait_for(told.page, has_focus)  # nothing takes it before the style sheet has come
        route.continue_()

    told.page.evaluate("document.documentElement.dataset.old = ''")
    told.page.route(re.compile("message-box"), arrive_late)
    told.reload()
    expect(search).to_be_focused()
    told.page.unroute_all()
    told.reload()
    expect(told.box).to_be_focused()


def test_whoever_leaves_a_new_title_for_another_place_gets_there(told: ChatPage, title: str) -> None:
    press(open_menu(told, title).get_by_role("button", name="Rename"))
    told.page.keyboard.type(f"{title}, renamed")
    told.box.click()

    expect(link(told, f"{title}, renamed")).to_be_visible()
    expect(told.box).to_be_focused()


def test_a_menu_in_the_drawer_gives_the_focus_back_to_its_button(told: ChatPage, title: str) -> None:
    told.page.set_viewport_size({"width": 390, "height": 740})
    told.page.get_by_role("button", name="Conversations").click()
    open_menu(told, title)
    told.page.keyboard.press("Escape")

    expect(opener(told, title)).to_be_focused()
    expect(told.page.get_by_role("complementary", name="Sidebar")).to_be_visible()


def test_a_menu_stays_that_of_its_button_when_news_comes(told: ChatPage, title: str) -> None:
    other = told.another_tab()
    menu = open_menu(told, title)
    press(open_menu(other, title).get_by_role("button", name="Rename"))
    other.page.keyboard.type(f"{title}, renamed")
    other.page.keyboard.press("Enter")
    expect(link(told, f"{title}, renamed")).to_be_visible()

    expect(opener(told, title)).to_have_attribute("aria-expanded", "true")
    expect(menu).to_be_visible()
    told.page.keyboard.press("Escape")
    expect(opener(told, title)).to_be_focused()
    expect(opener(told, title)).to_have_attribute("aria-expanded", "false")


def test_a_list_that_is_fetched_afresh_takes_the_focus_from_nothing_in_it(told: ChatPage, title: str) -> None:
    told.troubles.expect("ERR_INTERNET_DISCONNECTED", "WebSocket connection to")
    open_menu(told, title)
    before = opener(told, title).element_handle()
    told.go_offline()
    expect(told.connection_note).to_contain_text("No connection")
    told.go_online()
    told.page.wait_for_function("(button) => !button.isConnected", arg=before)

    expect(opener(told, title)).to_have_attribute("aria-expanded", "true")
    told.page.keyboard.press("Escape")
    expect(opener(told, title)).to_be_focused()
