"""Drafts belong to the person who typed them, also in a browser that several share."""

from collections.abc import Callable

import pytest
from playwright.sync_api import StorageState, expect

from tests.support import sample_images
from tests.support.browser.chat_page import ChatPage, file

pytestmark = pytest.mark.browser

SHOT = file("shot.jpg", sample_images.encoded(sample_images.chart(), "JPEG"))
SignIn = Callable[[ChatPage, str], None]


@pytest.fixture
def sign_in_here(open_chat: Callable[..., ChatPage], sessions: dict[str, StorageState]) -> SignIn:
    """Let somebody else sign in in the browser of a chat, in the place of whoever is."""

    def sign_in(chat: ChatPage, name: str) -> None:
        if name not in sessions:
            open_chat(name)
        chat.page.context.clear_cookies()
        for cookie in sessions[name]["cookies"]:
            chat.page.context.add_cookies(
                [{"name": cookie["name"], "value": cookie["value"], "url": chat.site.url}]
            )

    return sign_in


def test_a_draft_is_shown_to_nobody_else_and_comes_back_with_its_person(
    chat: ChatPage, sign_in_here: SignIn
) -> None:
    chat.attach(SHOT)
    chat.expect_uploads("ready")
    chat.write("Mine alone")
    sign_in_here(chat, "ben")
    chat.open()
    expect(chat.box).to_have_value("")
    expect(chat.uploads).to_have_count(0)
    chat.ask("From somebody else")
    chat.expect_reply()
    sign_in_here(chat, "ann")
    chat.open()

    expect(chat.box).to_have_value("Mine alone")
    chat.expect_uploads("ready")


def test_a_page_sends_nothing_for_somebody_who_has_signed_in_since(
    chat: ChatPage, sign_in_here: SignIn
) -> None:
    chat.write("Mine alone")
    sign_in_here(chat, "ben")
    chat.troubles.expect("ERR_INTERNET_DISCONNECTED", "WebSocket connection to")
    chat.go_offline()
    chat.send()
    chat.go_online()

    expect(chat.connection_note).to_contain_text("You are signed out")
    expect(chat.box).to_have_value("Mine alone")
    expect(chat.messages).to_have_count(0)
    sign_in_here(chat, "ann")
    chat.open()
    expect(chat.box).to_have_value("Mine alone")


def test_nobody_else_is_offered_to_undo_a_deletion(chat: ChatPage, sign_in_here: SignIn) -> None:
    chat.ask("A secret title")
    chat.expect_reply()
    chat.page.evaluate(
        """() => sessionStorage.setItem("deleted", JSON.stringify(
          { id: location.pathname.split("/")[2], title: "A secret title", person: "0" }))"""
    )
    chat.open()

    expect(chat.box).to_be_focused()
    chat.page.wait_for_function("() => sessionStorage.getItem('deleted') === null")
    expect(chat.toast).to_have_count(0)


@pytest.mark.parametrize("path", ["/", "its own"])
def test_a_tab_takes_away_no_draft_of_another(open_chat: Callable[..., ChatPage], path: str) -> None:
    first = open_chat()
    if path != "/":
        first.ask("Hello")
        first.expect_reply()
    second = first.another_tab()
    first.write("Two long paragraphs")
    second.write("x")
    first.reload()
    expect(first.box).to_have_value("Two long paragraphs")
    second.reload()
    expect(second.box).to_have_value("x")
    second.ask("Sent quickly")
    second.expect_reply()
    first.reload()

    expect(first.box).to_have_value("Two long paragraphs")
