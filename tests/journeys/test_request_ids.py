"""The id of a request, from the proxy to the endpoint, the rows and the administration."""

import pytest

from tests.support import fake_scenarios as scenarios
from tests.support.client import Browser
from tests.support.replies import ask, generation, settle

HEADER = "X-Client-Request-Id"


@pytest.mark.each_database
def test_the_id_at_the_endpoint_begins_with_that_of_the_command_and_of_the_socket(browser: Browser) -> None:
    turn = ask(browser, scenarios.say("Yes."), scenarios.say("No."))
    settle(turn.socket, turn.reply)
    turn.socket.send("turn.regenerate", message_id=turn.reply)
    second = turn.socket.reply_id()
    settle(turn.socket, second)
    sent = [call.headers[HEADER] for call in browser.server.wait_for_calls(2)]

    assert [each.rpartition(".")[0] for each in sent] == [f"{turn.socket.request_id}.{n}" for n in (1, 2)]
    assert [generation(reply).completion.request_id for reply in (turn.reply, second)] == sent


def test_a_message_that_waited_has_the_id_of_the_command_that_wrote_it(browser: Browser) -> None:
    turn = ask(browser, scenarios.step("One two."), scenarios.say("Second."))
    call = turn.begin(1)
    other = browser.socket()
    other.submit("And then?", turn.conversation)
    other.wait_for("request.done")
    call.release(100)
    second = turn.socket.reply_id()  # which may be told before the end of the first
    settle(turn.socket, second)

    assert generation(second).completion.request_id.startswith(f"{other.request_id}.1.")


def test_every_answer_says_its_id(browser: Browser) -> None:
    answers = [browser.get(path) for path in ("/", "/nothing", "/accounts/login/", "/account/")]

    ids = {answer.headers["X-Request-ID"] for answer in answers}
    assert len(ids) == len(answers)
    assert all(len(each) == 32 for each in ids)


def test_an_id_that_somebody_sends_who_is_no_proxy_is_replaced(browser: Browser) -> None:
    assert browser.get("/", headers={"X-Request-ID": "chosen"}).headers["X-Request-ID"] != "chosen"


def test_it_stands_under_what_was_sent(browser: Browser) -> None:
    turn = ask(browser, scenarios.say("Yes."))
    settle(turn.socket, turn.reply)

    sent = browser.get(f"/messages/{turn.reply}/request/").text
    assert generation(turn.reply).completion.request_id in sent
    assert "inf-1" in sent, "the provider's"
