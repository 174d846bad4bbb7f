"""Replies of models that think: saved, watched, stopped and continued while there is nothing but thoughts."""

import html
import re

import pytest

from tests.support import fake_scenarios as scenarios
from tests.support import thinking_scenarios as thinking
from tests.support.client import Browser, Socket
from tests.support.page_model import PageModel
from tests.support.replies import Turn, ask, generation, saved_text, watch
from tests.support.server import EndpointCall, Server

THOUGHTS = re.compile(r"<details[^>]*data-thoughts.*?</details>", re.S)


def thoughts_on(browser: Browser, conversation: str) -> str:
    """The thoughts of a page that is opened now, as its reader sees them."""
    found = THOUGHTS.search(browser.get(f"/c/{conversation}/").text)
    return "" if found is None else html.unescape(re.sub(r"<[^>]*>", "", found[0])).strip()


def begin(browser: Browser, scenario: scenarios.Scenario, count: int) -> tuple[Turn, EndpointCall]:
    """Ask; so many tokens of thoughts have come."""
    turn = ask(browser, scenario)
    call = browser.server.next_call()
    call.release(count)
    return turn, call


def wait_for_thoughts(socket: Socket, reply: str, words: str) -> PageModel:
    page = PageModel()
    for event in socket.events:
        if event.get("message_id") == reply:
            page.apply(event)
    while words not in "".join((page.thoughts or PageModel()).blocks):
        event = socket.receive()
        if event.get("message_id") == reply:
            page.apply(event)
    return page


@pytest.mark.parametrize(
    "scenario",
    [thinking.reason("Two stairs lead up."), thinking.pieces("<th", "ink>\nTwo stairs", " lead", " up.")],
)
def test_thoughts_alone_are_saved_and_shown_to_a_page_that_is_opened_meanwhile(
    server: Server, browser: Browser, scenario: scenarios.Scenario
) -> None:
    turn, call = begin(browser, scenario, 4)
    wait_for_thoughts(turn.socket, turn.reply, "up.")
    server.call(server.runtime.runner.checkpoint())

    row = generation(turn.reply)
    assert "Two stairs lead up." in saved_text(turn.reply) + row.thoughts
    assert row.thinking_ms is not None
    assert "Two stairs lead up." in thoughts_on(browser, turn.conversation)
    another = watch(browser, turn.conversation)
    assert "Two stairs lead up." in "".join(
        (wait_for_thoughts(another, turn.reply, "up.").thoughts or PageModel()).blocks
    )
    call.release(1)
    turn.settle()


def test_a_stop_while_it_thinks_keeps_the_thoughts(browser: Browser) -> None:
    turn, call = begin(browser, thinking.reason("Two stairs lead up.", "Stairs."), 3)
    wait_for_thoughts(turn.socket, turn.reply, "lead")
    turn.stop()
    settled = turn.settle()
    call.wait_closed()

    assert settled["status"] == "stopped"
    assert generation(turn.reply).thoughts == "Two stairs lead"
    assert "Two stairs lead" in thoughts_on(browser, turn.conversation)
    assert 'data-command="turn.continue"' not in settled["html"], "there is no answer to go on with"
    assert 'data-command="turn.regenerate"' in settled["html"]


@pytest.mark.parametrize(
    "scenario", [thinking.pieces("<think>\nHmm, ", "so."), thinking.pieces("<think>Hmm, ", "so.</think>")]
)
def test_thoughts_between_tags_without_an_answer_are_a_failure(
    browser: Browser, scenario: scenarios.Scenario
) -> None:
    turn, _ = begin(browser, scenario, 3)

    assert turn.settle()["status"] == "failed"
    assert "Hmm, so." in thoughts_on(browser, turn.conversation)


def test_thoughts_are_not_copied_and_not_sent_back(browser: Browser) -> None:
    turn, _ = begin(browser, thinking.pieces("<think>Secret", " plan</think>", "Stairs.", "<|im_end|>"), 5)
    turn.settle()

    assert saved_text(turn.reply) == "<think>Secret plan</think>Stairs.<|im_end|>", "the row keeps what came"
    assert browser.get(f"/messages/{turn.reply}/text/").text == "Stairs."
    browser.server.fake.script(scenarios.say("Yes."))
    turn.socket.submit("Really?", conversation_id=turn.conversation)
    messages = browser.server.next_call().body["messages"]
    assert [message["content"] for message in messages if message["role"] == "assistant"] == ["Stairs."]


def test_a_reply_goes_on_after_thoughts_with_thoughts_of_its_own(browser: Browser) -> None:
    turn, call = begin(browser, thinking.reason("One.", "The stairs are very"), 5)
    turn.wait_for_text()
    turn.stop()
    turn.settle()
    call.wait_closed()
    browser.server.fake.script(thinking.pieces("<think>Two.</think>", "steep."))
    turn.socket.send("turn.continue", message_id=turn.reply)
    again = browser.server.next_call()
    again.release(3)
    settled = turn.socket.wait_for("reply.settled", message_id=turn.reply, status="completed")

    sent = [message["content"] for message in again.body["messages"] if message["role"] == "assistant"]
    assert settled["status"] == "completed"
    assert sent == ["The stairs are very"]
    assert browser.get(f"/messages/{turn.reply}/text/").text == "The stairs are very steep."
    assert "One.Two." in thoughts_on(browser, turn.conversation).replace("\n", "")
