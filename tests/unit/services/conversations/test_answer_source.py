"""The source of an answer: its text as it came, and how sure the model was."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string

from tests.support import factories
from tests.support.choice_scenarios import chunk, frames_of
from tests.support.run_stage import RunStage, run_stage
from tests.support.use_cases import ask
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Message
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.conversations.answer_source import AnswerSource, answer_source


@pytest.fixture
def stage(transactional_db: None) -> Iterator[RunStage]:
    with run_stage() as stage:
        yield stage


def html(source: AnswerSource) -> str:
    return render_to_string("_answer_source.html", {"source": source})


def test_the_probabilities_that_came_are_shown_beside_the_text_as_it_came(stage: RunStage, ann: User) -> None:
    turn = ask(ann)
    asking = replace(turn.settings, parameters=Parameters(logprobs=True, top_logprobs=1))
    others = [{"token": "<i>\0", "logprob": -3}]
    logprobs = {"content": [{"token": "Os<b>\0", "logprob": -0.1, "top_logprobs": others}]}
    frames = [chunk(content="<think>Hm</think>Os<b>", logprobs=logprobs), chunk(0, "stop")]
    stage.watch(stage.start(replace(turn, settings=asking), frames_of(*frames)))
    source = answer_source(ann, turn.reply.pk)

    assert source.text == "<think>Hm</think>Os<b>"
    assert source.how_sure is not None
    assert source.how_sure.tokens[0].text == "Os<b>\ufffd"
    assert "Os&lt;b&gt;" in html(source)
    assert "<b>" not in html(source)
    # a page does not read them
    reply = Message.objects.with_details().get(pk=turn.reply.pk)
    assert "logprobs" in reply.generation.get_deferred_fields() if reply.generation else False


def test_an_answer_without_says_why(db: None, ann: User) -> None:
    inside = factories.conversation(ann)
    asked = factories.turn(inside, parameters={"logprobs": True})
    assert "sent no probabilities" in html(answer_source(ann, asked.pk))
    assert "probabilities" not in html(answer_source(ann, factories.turn(inside).pk))
    running = factories.turn(inside, status="running")
    assert "when the answer has ended" in html(answer_source(ann, running.pk))


def test_nobody_elses_has_one(db: None, ann: User) -> None:
    reply = factories.turn(factories.conversation(ann))
    with pytest.raises(NotFoundError):
        answer_source(User.objects.create_user("bob"), reply.pk)
