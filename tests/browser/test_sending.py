"""The moment between Send and the confirmation of the server, in which nothing that is typed gets lost."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.support import fake_scenarios as scenarios
from tests.support import sample_images
from tests.support.browser.chat_page import ChatPage, file
from tests.support.browser.waiting import HeldRequests, wait_for

pytestmark = pytest.mark.browser

NO_CONNECTION = ("net::ERR_", "WebSocket")
SHOT = file("shot.jpg", sample_images.encoded(sample_images.chart(), "JPEG"))


class Line:
    """The connection of a page, which may hold back what the server says."""

    def __init__(self, chat: ChatPage) -> None:
        self.is_held = False
        self._held: list[Callable[[], None]] = []
        chat.page.route_web_socket("**/ws/chat/**", self._connect)
        chat.reload()

    def _connect(self, page: WebSocketRoute) -> None:
        def pass_on(frame: str | bytes) -> None:
            if self.is_held:
                self._held.append(lambda: page.send(frame))
            else:
                page.send(frame)

        page.connect_to_server().on_message(pass_on)

    def release(self) -> None:
        self.is_held = False
        for pass_on in self._held:
            pass_on()


@pytest.fixture
def line(chat: ChatPage) -> Line:
    return Line(chat)


def type_in(chat: ChatPage, words: str) -> None:
    chat.page.keyboard.type(words)


def test_what_is_typed_right_after_enter_stays_in_the_box(chat: ChatPage, line: Line) -> None:
    line.is_held = True
    chat.box.focus()
    type_in(chat, "The first\n")
    type_in(chat, "and on I write")
    expect(chat.note).to_have_text("Sending…")
    expect(chat.page.locator("[data-pending]")).to_have_text("The first")
    line.release()
    chat.expect_said("The first")

    expect(chat.box).to_have_value("and on I write")
    expect(chat.page.locator("[data-pending]")).to_be_hidden()
    chat.reload()
    expect(chat.box).to_have_value("and on I write")


def test_enter_before_the_confirmation_sends_the_next_message_after_it(chat: ChatPage, line: Line) -> None:
    chat.site.fake.script(scenarios.say("One."), scenarios.say("Two."))
    line.is_held = True
    chat.box.focus()
    type_in(chat, "The first\n")
    type_in(chat, "The second\n")
    line.release()

    chat.expect_said("The first", "The second")
    chat.expect_reply("Two.")
    expect(chat.box).to_have_value("")


def test_a_refused_message_comes_back_before_what_was_typed_since(chat: ChatPage) -> None:
    def refuse(page: WebSocketRoute) -> None:
        server = page.connect_to_server()

        def answer(frame: str | bytes) -> None:
            command: dict[str, Any] = json.loads(frame)
            if command["type"] == "turn.submit":
                error = {"type": "error", "code": "server.not_saved", "message": "Not now."}
                refusals.append({**error, "request_id": command["request_id"]})
            else:
                server.send(frame)

        page.on_message(answer)
        pages.append(page)

    pages: list[WebSocketRoute] = []
    refusals: list[dict[str, Any]] = []
    chat.page.route_web_socket("**/ws/chat/**", refuse)
    chat.reload()
    chat.attach(SHOT)
    chat.expect_uploads("ready")
    chat.box.focus()
    type_in(chat, "The first\n")
    type_in(chat, "since then")
    chat.expect_uploads()
    expect(chat.note).to_have_text("Sending…")
    wait_for(chat.page, lambda: bool(refusals))
    pages[-1].send(json.dumps(refusals[0]))

    expect(chat.note).to_have_text("Not now.")
    expect(chat.box).to_have_value("The first\n\nsince then")
    chat.expect_uploads("ready")


def test_a_message_that_was_saved_after_all_is_not_sent_twice(chat: ChatPage) -> None:
    def connect(page: WebSocketRoute) -> None:
        server = page.connect_to_server()

        def pass_on(frame: str | bytes) -> None:
            event: dict[str, Any] = json.loads(frame)
            if event.get("request_id") in submits[:1]:
                event |= {"type": "error", "code": "server.not_saved", "message": "Not now."}
            elif len(submits) == 1:
                return  # whoever cannot save a message tells of none
            page.send(json.dumps(event))
            answered.append(event.get("request_id"))

        def ask(frame: str | bytes) -> None:
            command: dict[str, Any] = json.loads(frame)
            if command["type"] == "turn.submit":
                submits.append(command["request_id"])
            server.send(frame)

        page.on_message(ask)
        server.on_message(pass_on)

    submits: list[str] = []
    answered: list[str | None] = []
    chat.page.route_web_socket("**/ws/chat/**", connect)
    chat.reload()
    chat.box.focus()
    type_in(chat, "The first\n")
    expect(chat.note).to_have_text("Not now.")
    expect(chat.box).to_have_value("The first")
    type_in(chat, "\n")
    wait_for(chat.page, lambda: len(submits) == 2 and submits[1] in answered)
    expect(chat.box).to_have_value("")
    expect(chat.page).to_have_url(re.compile("/c/"))
    chat.reload()
    chat.expect_said("The first")


def test_without_a_connection_a_message_can_be_taken_back_by_a_button(chat: ChatPage) -> None:
    chat.troubles.expect(*NO_CONNECTION)
    chat.attach(SHOT)
    chat.expect_uploads("ready")
    chat.go_offline()
    chat.ask("Not yet")
    expect(chat.note).to_contain_text("when the connection is back")
    chat.page.get_by_role("button", name="Cancel sending").click()
    expect(chat.box).to_have_value("Not yet")
    expect(chat.box).to_be_focused()
    chat.expect_uploads("ready")
    chat.go_online()
    expect(chat.connection_note).to_be_hidden()
    chat.ask("Now")

    chat.expect_said("Now")


def test_a_page_closed_before_the_confirmation_finds_its_message_sent_and_keeps_the_rest(
    chat: ChatPage, line: Line
) -> None:
    chat.ask("The beginning")
    chat.expect_reply()
    line.is_held = True
    chat.box.focus()
    type_in(chat, "The first\n")
    type_in(chat, "and the rest")
    expect(chat.note).to_have_text("Sending…")
    chat.site.next_call()
    chat.site.next_call()
    line.is_held = False
    chat.reload()

    chat.expect_said("The beginning", "The first")
    expect(chat.box).to_have_value("and the rest")


def test_enter_again_with_nothing_written_sends_nothing_and_leaves_the_focus(
    chat: ChatPage, line: Line
) -> None:
    line.is_held = True
    chat.box.focus()
    type_in(chat, "The first\n\n")
    chat.page.get_by_role("button", name="New chat").last.focus()
    line.release()
    chat.expect_reply()

    chat.expect_said("The first")
    expect(chat.page.get_by_role("button", name="New chat").last).to_be_focused()


def test_a_picture_that_arrives_before_the_confirmation_does_not_hold_up_the_next_message(
    chat: ChatPage, line: Line
) -> None:
    held = HeldRequests(chat.page, "**/images/")
    line.is_held = True
    chat.ask("The first")
    chat.attach(SHOT)
    chat.expect_uploads("uploading")
    chat.write("The second")
    chat.box.press("Enter")
    held.release()
    chat.expect_uploads("ready")
    line.release()

    chat.expect_said("The first", "The second")
    expect(chat.picture("shot.jpg")).to_be_visible()


def test_words_that_were_said_before_are_not_taken_for_those_that_were_not_sent(chat: ChatPage) -> None:
    chat.troubles.expect(*NO_CONNECTION)
    chat.ask("continue")
    chat.expect_reply()
    chat.go_offline()
    chat.ask("continue")
    expect(chat.note).to_contain_text("when the connection is back")
    address = chat.page.url.removeprefix(chat.site.url)
    chat.page.evaluate("window.stop()")
    chat.page.goto("about:blank")
    chat.go_online()
    chat.open(address)

    chat.expect_said("continue")
    expect(chat.box).to_have_value("continue")


def test_another_new_chat_does_not_end_up_in_the_conversation_of_one_that_was_not_sent(
    chat: ChatPage,
) -> None:
    chat.troubles.expect(*NO_CONNECTION)
    chat.page.route_web_socket("**/ws/chat/**", lambda _: None)
    chat.reload()
    chat.ask("The question of the first tab")
    expect(chat.page.locator("[data-pending]")).to_be_visible()
    other = chat.another_tab()
    other.page.unroute_all()
    expect(other.box).to_have_value("The question of the first tab")
    other.ask("Something wholly different")
    other.expect_reply()
    sent_to = chat.page.locator("chat-conversation").get_attribute("data-conversation-id")

    assert sent_to is not None
    assert sent_to not in other.page.url
