"""An endpoint is away: an administrator's fallback answers, and its state is seen and mended by hand."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import User

from tests.support import fake_scenarios as scenarios
from tests.support.client import Browser
from tests.support.fake_endpoint import FakeEndpoint
from tests.support.models_of_sites import endpoint, language_model
from tests.support.people import signed_in
from tests.support.replies import ask, generation, settle
from tests.support.server import Server, running_fake
from vision_chat.models import Endpoint, EndpointState, LanguageModel
from vision_chat.services.endpoint_states.rules import OPENS_AT

pytestmark = pytest.mark.each_database

SENTENCE = "Answered by other/vision, because fake/vision did not answer."


def json_values(text: str, name: str) -> list[str]:
    return re.findall(rf'"{name}":\s*"([^"]+)"', text)


@pytest.fixture
def other() -> Iterator[FakeEndpoint]:
    with running_fake() as other:
        yield other


@pytest.fixture
def fallback(server: Server, other: FakeEndpoint) -> LanguageModel:
    """The fallback of the environment's model, chosen in the administration."""
    near = language_model("other/vision", at=endpoint("Other", other.base_url))
    env = LanguageModel.objects.get(is_from_environment=True)
    chief = signed_in(User.objects.create_superuser("chief"))
    path = f"/admin/vision_chat/languagemodel/{env.pk}/change/"
    assert chief.post(path, {"fallback": near.pk}).status_code == 302
    env.refresh_from_db()
    assert env.fallback == near
    return near


def test_the_fallback_answers_and_the_page_the_export_and_the_details_say_so(
    browser: Browser, fallback: LanguageModel
) -> None:
    turn = ask(browser, scenarios.disconnect(), text="Who answers?")
    end = turn.settle()
    assert (end["status"], SENTENCE in end["html"]) == ("completed", True)
    assert generation(turn.reply).completion.asked_model_name == "fake/vision"

    page = browser.get(f"/c/{turn.conversation}/").text
    assert SENTENCE in page
    assert "fake/vision, which did not answer" in page
    with ZipFile(BytesIO(browser.get("/account/export/").content)) as archive:
        files = "".join(archive.read(name).decode() for name in archive.namelist())
    assert f"*({SENTENCE})*" in files
    assert "fake/vision" in json_values(files, "asked_model_name")


def test_another_answer_asks_the_chosen_model_first_again(browser: Browser, fallback: LanguageModel) -> None:
    turn = ask(browser, scenarios.disconnect())
    turn.settle()
    browser.server.fake.script(scenarios.say("I am back."))
    turn.socket.send("turn.regenerate", message_id=turn.reply)
    again = turn.socket.reply_id()

    assert settle(turn.socket, again)["status"] == "completed"
    completion = generation(again).completion
    assert (completion.model_name, completion.asked_model_name) == ("fake/vision", "")


def test_a_fallbacks_answer_goes_on_with_the_chosen_model_where_that_is_back(
    browser: Browser, fallback: LanguageModel, other: FakeEndpoint
) -> None:
    other.script(scenarios.length())
    turn = ask(browser, scenarios.disconnect())
    turn.settle()
    browser.server.fake.script(scenarios.say(" middle of it."))
    turn.socket.send("turn.continue", message_id=turn.reply)

    assert settle(turn.socket, turn.reply)["status"] == "completed"
    assert generation(turn.reply).completion.model_name == "fake/vision"


def test_a_waiting_reply_says_why_and_goes_on(browser: Browser) -> None:
    busy = scenarios.error(429, headers={"Retry-After": "1"})
    turn = ask(browser, busy, scenarios.say("Now."))
    note = turn.socket.wait_for("reply.note", message_id=turn.reply)
    assert note["text"].startswith("The provider asks us to slow down.")
    assert turn.settle()["status"] == "completed"


@pytest.mark.one_server("another one hears within a second that a breaker has opened")
def test_a_breaker_is_closed_by_hand(browser: Browser, open_browser: Callable[..., Browser]) -> None:
    place = Endpoint.objects.get(is_from_environment=True)
    for _ in range(OPENS_AT):
        assert ask(browser, scenarios.disconnect()).settle()["status"] == "failed"
    refused = ask(browser, scenarios.say("Not yet.")).settle()
    assert "It is tried again in about" in refused["html"]
    assert EndpointState.objects.get().openings == 1

    administration = open_browser(User.objects.create_superuser("chief"))
    path = f"/admin/vision_chat/endpoint/{place.pk}/ask-again/"
    assert administration.post(path).status_code == 302
    assert ask(browser).settle()["status"] == "completed"
