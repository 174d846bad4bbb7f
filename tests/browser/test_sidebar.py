"""The list of conversations, and the choices that the page remembers."""

import re
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.browser.chat_page import ChatPage
from tests.support.browser.site import Site
from vision_chat.services.presentation.sidebar import PAGE_SIZE

pytestmark = pytest.mark.browser


@pytest.fixture
def title() -> str:
    """No other conversation has it: the list is the same for all tests of a person."""
    return f"About {uuid.uuid4().hex[:8]}"


@pytest.fixture
def told(open_chat: Callable[..., ChatPage], title: str) -> ChatPage:
    """Ben's page with a conversation of this title."""
    chat = open_chat("ben")
    chat.ask(title)
    chat.expect_reply()
    return chat


def choose(chat: ChatPage, title: str, action: str) -> None:
    """From the menu of a conversation, by keyboard alone."""
    chat.page.get_by_role("button", name=f"Options for {title}").focus()
    chat.page.keyboard.press("Enter")
    button = chat.page.locator("#conversation-menu").get_by_role("button", name=action)
    expect(chat.page.locator("#conversation-menu button").first).to_be_focused()
    while not button.evaluate("(button) => button === document.activeElement"):
        chat.page.keyboard.press("ArrowDown")
    chat.page.keyboard.press("Enter")


def test_a_first_question_gives_the_conversation_its_place_and_address(told: ChatPage, title: str) -> None:
    expect(told.items.first.get_by_role("link", name=title)).to_have_attribute("aria-current", "page")
    expect(told.page.locator("[data-day]").first.get_by_role("heading")).to_have_text("Today")
    expect(told.page).to_have_url(re.compile("/c/[0-9a-f-]{36}/$"))
    expect(told.page).to_have_title(f"{title} · Vision Chat")
    told.page.keyboard.press("Control+Shift+O")

    expect(told.page).to_have_url(f"{told.site.url}/")
    expect(told.page.get_by_role("heading", name="Show me a picture")).to_be_visible()
    expect(told.items.first).to_contain_text(title)


def test_a_renamed_conversation_has_its_new_name_everywhere(told: ChatPage, title: str) -> None:
    choose(told, title, "Rename")
    told.page.keyboard.type("Another name")
    told.page.keyboard.press("Enter")

    link = told.items.first.get_by_role("link")
    expect(link).to_have_text("Another name")
    expect(link).to_be_focused()
    expect(told.page.locator("[data-title]")).to_have_text("Another name")
    told.reload()
    expect(told.items.first.get_by_role("link")).to_have_text("Another name")


def test_a_renaming_is_given_up_with_escape(told: ChatPage, title: str) -> None:
    choose(told, title, "Rename")
    told.page.keyboard.type("Never mind")
    told.page.keyboard.press("Escape")

    expect(told.items.first.get_by_role("link")).to_have_text(title)


def test_a_deleted_conversation_comes_back_when_asked(told: ChatPage, title: str) -> None:
    other = told.another_tab()
    other.open()
    choose(other, title, "Delete")

    expect(other.toast).to_contain_text(title)
    expect(other.items.filter(has_text=title)).to_have_count(0)
    expect(told.page).to_have_url(f"{told.site.url}/")  # it showed the deleted one
    expect(told.items.filter(has_text=title)).to_have_count(0)
    other.toast.get_by_role("button", name="Undo").click()
    expect(other.items.filter(has_text=title)).to_have_count(1)
    other.items.filter(has_text=title).get_by_role("link").click()
    other.expect_said(title)


def test_on_a_phone_the_list_is_a_drawer(told: ChatPage, title: str) -> None:
    told.page.set_viewport_size({"width": 360, "height": 740})
    sidebar = told.page.get_by_role("complementary", name="Sidebar")
    expect(sidebar).to_be_hidden()
    told.page.get_by_role("button", name="Conversations").click()
    expect(sidebar).to_be_visible()
    told.page.keyboard.press("Escape")
    expect(sidebar).to_be_hidden()
    told.page.get_by_role("button", name="Conversations").click()
    sidebar.get_by_role("button", name="New chat").click()

    expect(told.page).to_have_url(re.compile(r"/\??$"))
    expect(sidebar).to_be_hidden()


def test_on_a_phone_a_conversation_is_renamed_and_deleted_in_the_drawer(told: ChatPage, title: str) -> None:
    told.page.set_viewport_size({"width": 360, "height": 740})
    other = told.another_tab()  # which does not show the one that is deleted
    other.page.set_viewport_size({"width": 360, "height": 740})
    other.open()
    other.page.get_by_role("button", name="Conversations").click()
    choose(other, title, "Rename")
    other.page.keyboard.type(f"{title}, renamed")
    other.page.keyboard.press("Enter")
    expect(other.items.first.get_by_role("link")).to_have_text(f"{title}, renamed")
    choose(other, title, "Delete")
    expect(other.items.filter(has_text=title)).to_have_count(0)

    other.toast.get_by_role("button", name="Undo").click()
    expect(other.items.filter(has_text=title)).to_have_count(1)


def test_the_menu_of_a_conversation_closes_when_the_focus_leaves_it(told: ChatPage, title: str) -> None:
    button = told.page.get_by_role("button", name=f"Options for {title}")
    button.focus()
    told.page.keyboard.press("Enter")
    expect(told.page.locator("#conversation-menu button").first).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    for _ in told.page.locator("#conversation-menu button").all():
        told.page.keyboard.press("Tab")

    expect(told.page.locator("#conversation-menu")).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")


def test_the_menu_of_a_conversation_closes_by_its_own_button(told: ChatPage, title: str) -> None:
    opener = told.items.filter(has_text=title).get_by_role("button", name=f"Options for {title}")
    opener.click()
    menu = told.page.locator("conversation-menu")
    expect(menu).to_be_visible()
    opener.click()

    expect(menu).to_be_hidden()


def test_the_theme_and_the_folded_sidebar_are_remembered(told: ChatPage) -> None:
    page = told.page
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.get_by_role("radio", name="Dark").check(force=True)
    page.get_by_role("button", name="Hide the sidebar").click()
    told.reload()

    assert page.evaluate(background) != light
    expect(page.get_by_role("complementary", name="Sidebar")).to_be_hidden()
    page.get_by_role("button", name="Show the sidebar").click()
    page.get_by_role("radio", name="Light").check(force=True)
    assert page.evaluate(background) == light


def test_signing_out_ends_what_other_tabs_can_do(open_chat: Callable[..., ChatPage]) -> None:
    chat = open_chat("")
    chat.sign_in("ben")  # a session which no other test needs
    other = chat.another_tab()
    other.write("Not to be lost")
    chat.page.get_by_role("button", name="Sign out").click()

    expect(chat.page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(other.connection_note).to_contain_text("You are signed out")
    other.send_button.click()
    link = other.connection_note.get_by_role("link", name="Sign in")
    expect(link).to_be_focused()
    expect(other.box).to_be_editable()
    expect(other.note).to_be_empty()
    link.click()
    expect(other.page.get_by_label("Password")).to_be_visible()


def test_a_message_that_waited_for_the_connection_when_the_session_ended_is_kept(
    open_chat: Callable[..., ChatPage],
) -> None:
    chat = open_chat("")
    chat.troubles.expect("ERR_INTERNET_DISCONNECTED", "WebSocket connection to")
    chat.sign_in("ben")
    other = chat.another_tab()
    other.go_offline()
    other.ask("Not to be lost")
    expect(other.note).to_contain_text("when the connection is back")
    chat.page.context.clear_cookies(name="sessionid")
    chat.go_online()
    expect(other.connection_note).to_contain_text("You are signed out")
    expect(other.note).to_be_empty()
    expect(other.box).to_have_value("Not to be lost")
    chat.sign_in("ben")

    other.open()
    expect(other.box).to_have_value("Not to be lost")
    other.send()
    other.expect_reply()
    other.expect_said("Not to be lost")


def test_older_conversations_come_when_they_are_asked_for(
    site: Site, open_chat: Callable[..., ChatPage]
) -> None:
    site.rows.create_person("lena")
    site.rows.create_conversations("lena", 2 * PAGE_SIZE + 5)
    chat = open_chat("lena")
    older = chat.page.get_by_role("link", name="Older conversations")
    expect(chat.items).to_have_count(PAGE_SIZE)
    for shown in (2 * PAGE_SIZE, 2 * PAGE_SIZE + 5):
        before = chat.items.count()
        older.focus()
        chat.page.keyboard.press("Enter")
        expect(chat.items).to_have_count(shown)
        expect(chat.items.nth(before).get_by_role("link")).to_be_focused()

    expect(older).to_have_count(0)
    expect(chat.items.get_by_role("link")).to_have_text(
        [f"Conversation {number}" for number in range(2 * PAGE_SIZE + 5)]
    )
    days = chat.page.locator("[data-day] h2").all_text_contents()
    assert len(set(days)) == len(days) > 2, "a day goes on under its own heading"


@pytest.fixture
def old(site: Site, open_chat: Callable[..., ChatPage]) -> ChatPage:
    """The page of "Conversation 130", which is on the third page of the list."""
    name = uuid.uuid4().hex[:8]
    site.rows.create_person(name)
    site.rows.create_conversations(name, 2 * PAGE_SIZE + 20)
    chat = open_chat(name, viewport={"width": 1280, "height": 700})
    for shown in (2 * PAGE_SIZE, 2 * PAGE_SIZE + 20):
        show_older(chat, shown)
    chat.follow(chat.page.get_by_role("link", name="Conversation 130", exact=True))
    expect(chat.page).to_have_title("Conversation 130 · Vision Chat")
    return chat


def show_older(chat: ChatPage, shown: int) -> None:
    """Ask for older conversations, after which so many are shown."""
    chat.page.get_by_role("link", name="Older conversations").click()
    expect(chat.items).to_have_count(shown)


def test_an_old_conversation_is_shown_in_the_list_of_its_own_page(old: ChatPage) -> None:
    expect(old.items).to_have_count(PAGE_SIZE + 1)
    link = old.items.last.get_by_role("link")
    expect(link).to_have_text("Conversation 130")
    expect(link).to_have_attribute("aria-current", "page")
    expect(link).to_be_in_viewport()
    expect(old.box).to_be_focused()
    older = old.page.get_by_role("link", name="Older conversations")
    assert older.evaluate("(older) => older.nextElementSibling.querySelector('[aria-current]') !== null")


def test_an_old_conversation_is_shown_once_when_older_ones_come(old: ChatPage) -> None:
    current = old.items.locator("[aria-current]")
    show_older(old, 2 * PAGE_SIZE + 1)
    expect(old.items.last.get_by_role("link")).to_have_text("Conversation 130")
    show_older(old, 2 * PAGE_SIZE + 20)

    expect(old.items.get_by_role("link")).to_have_text(
        [f"Conversation {number}" for number in range(2 * PAGE_SIZE + 20)]
    )
    expect(current).to_have_text(["Conversation 130"])
    days = old.page.locator("[data-day] h2").all_text_contents()
    assert len(set(days)) == len(days), "a day goes on under its own heading"


def test_an_old_conversation_stays_in_the_list_when_that_is_fetched_afresh(old: ChatPage) -> None:
    old.troubles.expect("ERR_INTERNET_DISCONNECTED", "WebSocket connection to")
    show_older(old, 2 * PAGE_SIZE + 1)
    old.go_offline()
    expect(old.connection_note).to_contain_text("No connection")
    old.go_online()

    expect(old.items).to_have_count(PAGE_SIZE + 1)
    expect(old.items.last.locator("[aria-current]")).to_have_text("Conversation 130")


def test_an_old_conversation_that_goes_on_moves_to_the_top(old: ChatPage) -> None:
    old.ask("And now?")
    old.expect_reply()

    expect(old.items.first.locator("[aria-current]")).to_have_text("Conversation 130")
    expect(old.items.filter(has_text="Conversation 130")).to_have_count(1)


def test_the_open_conversation_is_in_view_when_the_drawer_or_the_folded_sidebar_opens(old: ChatPage) -> None:
    link = old.items.last.get_by_role("link")
    old.page.get_by_role("button", name="Hide the sidebar").click()
    expect(link).to_be_hidden()
    old.page.get_by_role("button", name="Show the sidebar").click()
    expect(link).to_be_in_viewport()
    old.page.set_viewport_size({"width": 390, "height": 740})
    old.reload()
    old.page.get_by_role("button", name="Conversations").click()

    expect(link).to_be_in_viewport()
    expect(link).not_to_be_focused()
