"""One conversation in several places, and connections that come and go."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.support import fake_scenarios as scenarios
from tests.support.browser.chat_page import ChatPage
from tests.support.browser.waiting import wait_for

pytestmark = pytest.mark.browser

LONG = scenarios.recital(5, 400)
NO_CONNECTION = (r"ERR_INTERNET_DISCONNECTED", r"ERR_CONNECTION_REFUSED", r"WebSocket connection to")


def test_two_tabs_end_identical(chat: ChatPage) -> None:
    chat.site.fake.script(scenarios.step(LONG))
    chat.ask("Tell me")
    chat.expect_running()
    call = chat.site.next_call()
    call.release(150)
    chat.expect_written(200)
    second = chat.another_tab()
    second.expect_running()
    call.release(10_000)
    chat.expect_reply()
    second.expect_reply()

    assert chat.bodies() == second.bodies()
    chat.expect_same_as_opened_afresh()


def test_another_device_sees_the_chat_come_and_goes_on_with_it(open_chat: Callable[..., ChatPage]) -> None:
    desk, phone = open_chat("cleo"), open_chat("cleo", viewport={"width": 390, "height": 800})
    phone.expect_connected()
    desk.ask("From the desk")
    desk.expect_reply("fake")
    expect(phone.items.first).to_contain_text("From the desk")
    phone.open(desk.page.url.removeprefix(desk.site.url))
    phone.ask("From the phone")
    phone.expect_reply()

    desk.expect_said("From the desk", "From the phone")
    expect(desk.answers).to_have_count(2)
    desk.expect_reply()
    assert desk.bodies() == phone.bodies()


def test_a_page_that_was_offline_says_so_and_catches_up_by_itself(chat: ChatPage) -> None:
    chat.troubles.expect(*NO_CONNECTION)
    chat.site.fake.script(scenarios.step(LONG))
    chat.ask("Tell me")
    call = chat.site.next_call()
    call.release(50)
    chat.expect_written(100)
    chat.go_offline()
    expect(chat.connection_note).to_contain_text("No connection")
    call.release(10_000)
    call.wait_ended()
    chat.go_online()

    chat.expect_reply()
    expect(chat.connection_note).to_be_hidden()
    chat.expect_same_as_opened_afresh()


def test_a_question_sent_without_a_connection_arrives_once(chat: ChatPage) -> None:
    chat.troubles.expect(*NO_CONNECTION)
    chat.go_offline()
    chat.ask("Are you there?")
    expect(chat.note).to_contain_text("when the connection is back")
    expect(chat.page.locator("[data-pending]")).to_have_text("Are you there?")
    chat.go_online()

    chat.expect_reply()
    chat.expect_said("Are you there?")
    expect(chat.box).to_have_value("")


def test_another_answer_asked_for_without_a_connection_comes_when_it_is_back(chat: ChatPage) -> None:
    chat.troubles.expect(*NO_CONNECTION)
    chat.site.fake.script(scenarios.say("The first answer"), scenarios.say("The other answer"))
    chat.ask("Tell me")
    chat.expect_reply("The first answer")
    chat.go_offline()
    expect(chat.connection_note).to_contain_text("No connection")
    chat.press("Regenerate")
    chat.go_online()

    chat.expect_reply("The other answer")
    chat.expect_said("Tell me")


def test_a_server_that_was_killed_and_started_again_is_found_again(chat: ChatPage) -> None:
    chat.troubles.expect(*NO_CONNECTION)
    chat.site.fake.script(scenarios.step("one two three four"), scenarios.say(" and all the rest"))
    chat.ask("Count")
    chat.site.next_call().release(2)
    expect(chat.answer).to_contain_text("one two")
    chat.site.until(lambda: chat.site.rows.saved_answer().startswith("one"))
    chat.write("Not to be lost")
    chat.site.kill()
    expect(chat.connection_note).to_contain_text("No connection")
    chat.site.start()

    expect(chat.answer).to_have_attribute("data-status", "interrupted")
    expect(chat.box).to_have_value("Not to be lost")
    chat.press("Continue")
    chat.expect_reply("and all the rest")
    chat.expect_same_as_opened_afresh()


# Pauses before another connection are the only ones that are no whole numbers: they are drawn by lot.
NOTE_PAUSES = """
window.pauses = [];
const wait = window.setTimeout;
window.setTimeout = (callback, delay, ...rest) => {
  if (!Number.isInteger(delay ?? 0)) window.pauses.push(delay);
  return wait(callback, Number.isInteger(delay ?? 0) ? delay : 0, ...rest);
};"""


def test_a_server_that_closes_every_connection_is_asked_less_and_less_often(chat: ChatPage) -> None:
    chat.page.add_init_script(NOTE_PAUSES)
    chat.page.route_web_socket(
        "**/ws/chat/**", lambda socket: socket.on_message(lambda _: socket.close(code=1012))
    )
    chat.reload()
    chat.page.wait_for_function("() => window.pauses.length >= 7")
    pauses = chat.page.evaluate("window.pauses.slice(0, 7)")

    longest = [min(500 * 2**number, 15_000) for number in range(7)]
    assert all(most / 2 <= pause <= most for pause, most in zip(pauses, longest, strict=True)), pauses


def test_a_greeting_that_the_server_could_not_answer_is_repeated(chat: ChatPage) -> None:
    refused: list[str] = []

    def refuse_the_first(socket: WebSocketRoute) -> None:
        def answer(frame: str | bytes) -> None:
            command = json.loads(frame)
            if command["type"] == "conversation.watch":
                refused.append(command["request_id"])
                error = {"type": "error", "code": "server.not_saved", "message": "Not now."}
                socket.send(json.dumps({**error, "request_id": command["request_id"]}))

        if refused:
            socket.connect_to_server()
        else:
            socket.on_message(answer)

    chat.page.route_web_socket("**/ws/chat/**", refuse_the_first)
    chat.reload()
    chat.ask("Are you there?")

    chat.expect_reply()
    assert len(refused) == 1


SOCKETS_ARE_BLOCKED = """window.WebSocket = class {
  constructor() { setTimeout(() => this.onclose?.({ code: 1006 }), 10); }
  close() {}
}"""


def test_a_page_whose_sockets_are_blocked_says_so_after_a_while(chat: ChatPage) -> None:
    chat.page.add_init_script(SOCKETS_ARE_BLOCKED)
    chat.page.clock.install()
    chat.reload()
    chat.page.clock.run_for(5000)
    expect(chat.connection_note).to_contain_text("No connection.")
    chat.page.clock.run_for(20_000)

    expect(chat.connection_note).to_contain_text("blocks WebSocket connections")


def test_a_page_that_is_told_that_it_may_be_behind_watches_again(chat: ChatPage) -> None:
    routes: list[WebSocketRoute] = []
    is_lossy = False

    def pass_on(frame: str | bytes) -> None:
        if not is_lossy:
            routes[-1].send(frame)

    def connect(route: WebSocketRoute) -> None:
        routes.append(route)
        route.connect_to_server().on_message(pass_on)

    chat.page.route_web_socket("**/ws/chat/**", connect)
    chat.reload()
    chat.ask("The first")
    chat.expect_reply()
    other = chat.another_tab()
    is_lossy = True
    other.ask("The second")
    expect(other.answers).to_have_count(2)
    other.expect_reply()
    is_lossy = False
    conversation_id = chat.page.url.split("/c/")[1].split("/")[0]
    routes[-1].send(json.dumps({"type": "ping", "conversation_id": conversation_id}))

    expect(chat.answers).to_have_count(2)
    chat.expect_same_as_opened_afresh()


def test_a_page_brings_the_revision_along_until_it_fetches_itself_again(chat: ChatPage) -> None:
    routes: list[WebSocketRoute] = []
    watches: list[dict[str, object]] = []
    answered: list[str] = []

    def connect(route: WebSocketRoute) -> None:
        """Stand between, where a server beside others says a revision with the answer to each watch."""
        server = route.connect_to_server()

        def to_server(frame: str | bytes) -> None:
            command = json.loads(frame)
            if command["type"] == "conversation.watch":
                watches.append(dict(command))
                command["revision"] = None
            server.send(json.dumps(command))

        def to_page(frame: str | bytes) -> None:
            event = json.loads(frame)
            if event["type"] == "request.done" and event["request_id"] == watches[-1]["request_id"]:
                event["revision"] = f"revision {len(watches)}"
                answered.append(event["revision"])
            route.send(json.dumps(event))

        route.on_message(to_server)
        server.on_message(to_page)
        routes.append(route)

    def watched(times: int) -> object:
        """Wait until it has watched so often; what it brought along then."""
        wait_for(chat.page, lambda: len(answered) == times)
        return watches[times - 1].get("revision")

    chat.ask("The first")
    chat.expect_reply()
    chat.page.route_web_socket("**/ws/chat/**", connect)
    chat.reload()

    assert watched(1) is None
    routes[-1].close(code=1012)
    assert watched(2) == "revision 1"
    stale = {"type": "conversation.stale", "conversation_id": watches[0]["conversation_id"]}
    routes[-1].send(json.dumps(stale))
    assert watched(3) is None
    routes[-1].close(code=1012)
    assert watched(4) == "revision 3"
