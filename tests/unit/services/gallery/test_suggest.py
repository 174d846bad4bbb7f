"""A model's suggestion for an alternative text: what is asked, what is kept, and when it is refused."""

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support import fake_scenarios as scenarios
from tests.support.client import Browser
from tests.support.models_of_sites import endpoint, language_model
from tests.support.server import Server, running_server
from vision_chat.models import Completion, Preferences, UploadedImage
from vision_chat.models.completion import summary_of

pytestmark = pytest.mark.each_database


def suggest(browser: Browser, image: UploadedImage) -> dict[str, object]:
    answer = browser.post(f"/pictures/{image.pk}/suggest/").json()
    assert isinstance(answer, dict)
    return answer


def test_the_answer_is_suggested_without_thoughts_and_only_its_cost_is_kept(
    server: Server, browser: Browser, ann: User
) -> None:
    image = factories.image(ann)
    server.now(
        server.fake.script, scenarios.say("<think>A photo?</think>\n\nA staircase\nwith a red door.  ")
    )

    assert suggest(browser, image) == {"text": "A staircase with a red door."}
    image.refresh_from_db()
    assert image.alt_text == ""
    completion = Completion.objects.get()
    assert (completion.purpose, completion.person, completion.conversation) == ("alt_text", ann, None)
    assert completion.prompt_tokens is not None
    assert completion.request_summary == summary_of(completion.request)
    (message,) = completion.request
    (sent,) = message["images"]
    assert (sent["image_id"], sent["width"], sent["height"]) == (str(image.pk), 40, 30)


def test_the_picture_is_sent_with_one_sentence(server: Server, browser: Browser, ann: User) -> None:
    suggest(browser, factories.image(ann))
    (message,) = server.next_call().body["messages"]
    kinds = sorted(part["type"] for part in message["content"])

    assert kinds == ["image_url", "text"]
    (text,) = [part["text"] for part in message["content"] if part["type"] == "text"]
    assert "in English" in text


def test_a_failure_is_a_sentence(server: Server, browser: Browser, ann: User) -> None:
    server.now(server.fake.script, scenarios.error(401))
    answer = suggest(browser, factories.image(ann))

    assert answer["code"] == "endpoint.key_refused"
    assert not Completion.objects.exists()


def test_an_answer_of_thoughts_alone_is_none(server: Server, browser: Browser, ann: User) -> None:
    server.now(server.fake.script, scenarios.say("<think>A photo?</think>"))

    assert suggest(browser, factories.image(ann))["code"] == "reply.empty"


def test_a_model_that_cannot_see_pictures_is_not_asked(browser: Browser, ann: User) -> None:
    blind = language_model(at=endpoint("Blind", "http://127.0.0.1:9/v1"), model_name="blind", max_images=0)
    Preferences.objects.create(person=ann, language_model=blind)

    assert suggest(browser, factories.image(ann))["code"] == "endpoint.no_images"


def test_it_counts_to_the_persons_limit_of_running_answers(ann: User) -> None:
    image = factories.image(ann)
    with running_server(max_replies_per_person=1) as server:
        browser = Browser(server, ann)
        socket = browser.socket()
        socket.submit("[scenario: hang_midway]")
        socket.reply_id()
        refused = suggest(browser, image)
        browser.close()

    assert refused["code"] == "turn.too_many_replies"
