"""What a person is shown of the request that was sent for an answer."""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.fake_scenarios import Scenario, length, picky, say
from tests.support.refusals import openai
from tests.support.run_stage import RunStage, run_stage
from tests.support.use_cases import ask, begin
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Completion, Conversation, Message
from vision_chat.services.conversations.continue_reply import continue_reply
from vision_chat.services.conversations.sent_request import sent_requests
from vision_chat.services.presentation.sent_request import SentRequestView
from vision_chat.services.replies.turn import Turn


@pytest.fixture
def stage(transactional_db: None) -> Iterator[RunStage]:
    with run_stage() as stage:
        yield stage


def shown(view: SentRequestView) -> dict[str, Any]:
    """The request in the view, as JSON."""
    found: dict[str, Any] = json.loads(html.unescape(re.sub(r"<[^>]*>", "", view.json)))
    return found


def answer(stage: RunStage, turn: Turn, *planned: Scenario) -> None:
    """Let the fake endpoint answer, of which the rows say that it was asked."""
    stage.watch(stage.start(turn, *planned))
    Completion.objects.update(endpoint=stage.fake.base_url, model_name="fake/vision")


def facts(view: SentRequestView) -> dict[str, str]:
    return dict(view.facts)


def test_it_is_what_the_endpoint_received(stage: RunStage, ann: User) -> None:
    turn = ask(ann, "What is <b>this</b>?")
    answer(stage, turn, say("A staircase."))
    view = sent_requests(ann, turn.reply.pk)[0].view

    assert shown(view) == stage.fake.calls[0].body
    assert facts(view)["Sent to"] == f"{stage.fake.base_url}/chat/completions"
    assert facts(view)["Input, charged"] == "100 tokens"
    assert facts(view)["Input, estimated"] == "15 tokens"
    assert view.notes == []
    assert "&lt;b&gt;" in view.json
    assert "$CHAT_KEY" in view.curl


def test_what_the_endpoint_refuses_is_not_in_it_and_that_is_said(stage: RunStage, ann: User) -> None:
    def refuses(body: Any) -> Any:
        return openai("Unknown parameter: 'stream_options'.") if "stream_options" in body else None

    turn = ask(ann)
    answer(stage, turn, picky(refuses), picky(refuses))
    view = sent_requests(ann, turn.reply.pk)[0].view

    assert shown(view) == stage.fake.calls[1].body
    assert [note.text for note in view.notes] == ["stream_options is never sent: the endpoint refuses it."]


def test_an_answer_that_went_on_shows_what_was_sent_when_it_did(stage: RunStage, ann: User) -> None:
    turn = ask(ann)
    answer(stage, turn, length())
    more = begin(ann, continue_reply, str(turn.reply.pk))
    answer(stage, more, say(" middle."))

    assert shown(sent_requests(ann, turn.reply.pk)[0].view) == stage.fake.calls[1].body


def test_an_answer_of_which_nothing_was_recorded_says_so(db: None, ann: User) -> None:
    reply = factories.turn(factories.conversation(ann), endpoint="https://host/v1")
    view = sent_requests(ann, reply.pk)[0].view

    assert (view.json, view.curl, view.images) == ("", "", [])
    assert view.notes[0].text.startswith("The request was not recorded")


def test_a_text_that_is_gone_is_not_made_up(stage: RunStage, ann: User) -> None:
    turn = ask(ann, "What is this?")
    answer(stage, turn, say("A staircase."))
    Message.objects.filter(children=turn.reply).update(text="Changed")
    view = sent_requests(ann, turn.reply.pk)[0].view

    assert shown(view)["messages"] == [{"role": "user", "content": "<13 characters, not kept>"}]
    assert "is not kept as it was sent" in view.notes[0].text


def test_pictures_are_named_and_lead_to_the_copy_that_was_sent(db: None, ann: User) -> None:
    reply = factories.turn(factories.conversation(ann))
    image = factories.image(ann, "stairs <b>.jpg")
    recipe = image.copies.get().recipe
    known = {"recipe": recipe, "type": "image/png", "width": 40, "height": 30, "bytes": 2048, "tokens": 7}
    gone = {"image_id": "0b7b0d53-2d8f-4d4b-8d1e-6a7f35a3e1c2", "recipe": "other"}
    entry = {"role": "user", "message_ids": [reply.parent_id], "text": {"length": 13, "sha256": ""}}
    Completion.objects.update(
        request=[{**entry, "images_first": True, "images": [{"image_id": str(image.pk), **known}, gone]}],
        endpoint="https://user:pass@host/v1",
    )
    view = sent_requests(ann, reply.pk)[0].view

    first, second = view.images
    assert (first.name, first.size) == ("stairs <b>.jpg", "40 × 30 pixels, 2.0\xa0KB, about 7 tokens")
    assert first.url == f"/images/{image.pk}/model/{recipe}/"
    assert (second.name, second.size, second.url) == ("Picture 2", "", "")
    content = shown(view)["messages"][0]["content"]
    assert content[0]["image_url"]["url"].startswith("data:image/png;base64,<base64 of picture 1: stairs")
    assert "pass" not in view.json + view.curl + str(view.facts)


def test_a_copy_says_which_part_of_which_picture_it_shows(db: None, ann: User) -> None:
    reply = factories.turn(factories.conversation(ann))
    image, other = str(factories.image(ann).pk), str(factories.image(ann).pk)
    whole, part = [0.0, 0.0, 1.0, 1.0], [0.25, 0.5, 0.75, 0.6]

    def copy(*shows: tuple[str, list[float]]) -> dict[str, object]:
        shown = [{"image_id": image_id, "part": place} for image_id, place in shows]
        return {"image_id": image, "recipe": "any", "shows": shown}

    copies = [
        copy((image, whole)),
        copy((image, part)),
        copy((image, part), (image, whole)),
        copy((image, whole), (other, whole)),
    ]
    Completion.objects.update(request=[{"role": "user", "message_ids": [reply.parent_id], "images": copies}])

    assert [view.part for view in sent_requests(ann, reply.pk)[0].view.images] == [
        "",
        "A part: 25% from the left, 50% from the top, 50% wide, 10% high",
        "Several parts of one picture",
        "2 pictures on one canvas",
    ]


def test_nobody_elses_and_no_question_has_one(db: None, ann: User) -> None:
    reply = factories.turn(factories.conversation(ann))
    for person, message_id in (
        (User.objects.create_user("bob"), reply.pk),
        (ann, reply.parent_id),
        (ann, reply.pk + 1000),
    ):
        with pytest.raises(NotFoundError):
            sent_requests(person, message_id or 0)
    Conversation.objects.update(deleted_at=reply.created_at)
    with pytest.raises(NotFoundError):
        sent_requests(ann, reply.pk)
