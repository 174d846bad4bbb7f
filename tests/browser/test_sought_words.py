"""Words of a search, which stay in their tab, and which nobody else ever sees."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.browser.chat_page import ChatPage
from tests.support.browser.search import SearchDialog

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]


@pytest.fixture
def sought(open_chat: OpenChat) -> ChatPage:
    """Root's page after a search, in a session which no other test needs."""
    chat = open_chat("")
    chat.sign_in("root")
    chat.open()
    SearchDialog(chat).open().find("secret")
    expect(chat.page.get_by_text("No results for")).to_be_visible()
    chat.page.keyboard.press("Escape")
    return chat


def expect_no_words(chat: ChatPage, name: str = "root") -> None:
    """Sign in as this person and expect an empty search."""
    chat.sign_in(name)
    chat.open()
    expect(SearchDialog(chat).open().box).to_have_value("")


def test_whoever_signs_out_takes_the_words_along(sought: ChatPage) -> None:
    sought.page.get_by_role("button", name="Sign out").click()
    expect(sought.page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect_no_words(sought)


def test_whoever_signs_out_in_the_admin_takes_the_words_along(sought: ChatPage) -> None:
    sought.open("/admin/")
    sought.page.get_by_role("button", name="root").click()
    sought.page.get_by_role("button", name="Sign out").click()
    expect(sought.page.get_by_role("button", name="root")).to_have_count(0)
    expect_no_words(sought)


def test_whoever_signs_out_in_one_tab_takes_the_words_of_the_others_along(sought: ChatPage) -> None:
    other = sought.another_tab()
    other.page.get_by_role("button", name="Sign out").click()
    expect(sought.connection_note).to_contain_text("You are signed out")
    expect_no_words(sought)


def test_the_words_are_those_of_their_person(sought: ChatPage) -> None:
    sought.page.context.clear_cookies(name="sessionid")  # in an instant: no page hears of it
    expect_no_words(sought, "dora")
