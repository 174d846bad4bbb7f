"""Replies that hold a slot while their endpoint is paused give it to others, and wait in the line again."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.fake_endpoint import FakeEndpoint
from tests.support.fake_scenarios import error, say
from tests.support.models_of_sites import endpoint, language_model
from tests.support.queued_replies import queue, row_of, take_all
from tests.support.run_stage import RunStage, run_stage
from tests.support.use_cases import ask
from vision_chat.events import ConversationStale, Event
from vision_chat.models import Completion, Conversation, EndpointState
from vision_chat.models.generation import NO_PROCESS, Status
from vision_chat.services.endpoint_states import rows
from vision_chat.services.replies.checkpoints import want_stopped
from vision_chat.services.replies.history import Cursor
from vision_chat.services.replies.live import LiveReply
from vision_chat.services.replies.slots import ReplyLimits
from vision_chat.services.replies.turn import Turn

pytestmark = pytest.mark.each_database

PAUSE = error(429, headers={"Retry-After": "60"})


class PausedStage:
    """The endpoint of the stage wants a pause; replies wait for its end, in all slots of the site."""

    def __init__(self, stage: RunStage, other: FakeEndpoint, person: User, slots: int) -> None:
        self.stage, self.other = stage, other
        self.address = stage.fake.base_url
        self.all_paused = [ask(person) for _ in range(slots)]
        for turn in self.all_paused:
            self.set_endpoint(turn, "fake/vision")
            self.live = stage.start(turn, PAUSE)
            stage.until(partial(_waits, self.live))
        self.paused = self.all_paused[-1]
        self.model = language_model(at=endpoint("Other", other.base_url), model_name="other")

    def set_endpoint(self, turn: Turn, model_name: str) -> None:
        """Let the rows of a turn say what its settings say on the stage."""
        completion = turn.generation.completion
        completion.endpoint, completion.model_name = self.address, model_name
        Completion.objects.filter(pk=completion.pk).update(endpoint=self.address, model_name=model_name)

    def inside(self, person: User) -> Conversation:
        """A conversation with the model of the other endpoint."""
        conversation = factories.conversation(person)
        conversation.language_model = self.model
        conversation.save()
        return conversation

    def until_ended(self, *turns: Turn) -> list[str]:
        self.stage.until(lambda: all(row_of(turn).status != Status.RUNNING for turn in turns))
        return [row_of(turn).status for turn in turns]


def _waits(live: LiveReply) -> bool:
    return "slow down" in live.shown_note


@contextmanager
def paused_stage(person: User, slots: int) -> Iterator[PausedStage]:
    with run_stage(limits=ReplyLimits(at_once=slots)) as stage:
        other = FakeEndpoint()
        stage.run(other.__aenter__())
        yield PausedStage(stage, other, person, slots)
        stage.run(other.__aexit__(None, None, None))


@pytest.fixture
def stage(transactional_db: None, ann: User) -> Iterator[PausedStage]:
    with paused_stage(ann, 1) as stage:
        yield stage


def test_one_who_asks_another_endpoint_gets_the_slot_and_both_are_answered(
    stage: PausedStage, stranger: User
) -> None:
    stage.other.script(say("From elsewhere."))
    stage.stage.fake.script(say("After the pause."))
    waiting = queue(stranger, conversation_id=stage.inside(stranger).pk)
    take_all(stage.stage)
    assert row_of(stage.paused).boot_id == NO_PROCESS
    assert row_of(waiting).boot_id == stage.stage.runner.boot_id
    assert stage.until_ended(waiting) == [Status.COMPLETED]
    assert len(stage.stage.fake.calls) == 1

    assert rows.close(stage.address)
    stage.stage.runner.dependencies.states.look_again()
    take_all(stage.stage)
    assert stage.until_ended(stage.paused) == [Status.COMPLETED]
    assert len(stage.stage.fake.calls) == 2


def test_pages_of_what_waits_again_fetch_it_anew(stage: PausedStage, stranger: User) -> None:
    told: list[Event] = []

    async def tell(event: Event) -> None:
        told.append(event)

    following = stage.stage.now(asyncio.ensure_future, stage.live.follow(Cursor(), tell))
    queue(stranger, conversation_id=stage.inside(stranger).pk)
    take_all(stage.stage)
    assert stage.stage.runner.live(stage.paused.reply.pk) is None
    assert stage.live.has_ended
    stage.stage.until(following.done)
    assert told[-1:] == [ConversationStale(conversation_id=str(stage.paused.reply.conversation_id))]


def test_nobody_gives_a_slot_to_one_who_would_wait_too(stage: PausedStage, stranger: User) -> None:
    same = queue(stranger)
    stage.set_endpoint(same, "fake/vision")
    take_all(stage.stage)
    assert row_of(stage.paused).boot_id == stage.stage.runner.boot_id

    Completion.objects.filter(generations=same.generation.pk).update(endpoint="http://paused/v1")
    state = EndpointState.objects.get(address=stage.address)
    state.pk, state.address = None, "http://paused/v1"
    state.save()
    take_all(stage.stage)
    assert row_of(stage.paused).boot_id == stage.stage.runner.boot_id


def test_what_waits_again_can_be_stopped(stage: PausedStage, stranger: User) -> None:
    waiting = queue(stranger, conversation_id=stage.inside(stranger).pk)
    stage.other.script(say("From elsewhere."))
    take_all(stage.stage)
    assert not stage.stage.runner.stop(stage.paused.reply.pk)
    want_stopped([stage.paused.reply.pk])
    stage.stage.run(stage.stage.runner.line.end(stage.paused.reply.pk, Status.STOPPED))

    assert stage.until_ended(stage.paused, waiting) == [Status.STOPPED, Status.COMPLETED]
    assert len(stage.stage.fake.calls) == 1


def test_what_was_given_to_its_fallback_keeps_its_slot(stage: PausedStage, stranger: User) -> None:
    stage.paused.generation.completion.asked_model_name = "asked/model"
    queue(stranger, conversation_id=stage.inside(stranger).pk)
    take_all(stage.stage)

    assert row_of(stage.paused).boot_id == stage.stage.runner.boot_id


@pytest.mark.usefixtures("transactional_db")
def test_as_many_slots_as_others_want_are_given_back_and_those_of_the_latest(ann: User) -> None:
    others = [User.objects.create_user(name) for name in ("bea", "cleo")]
    with paused_stage(ann, 4) as stage:
        for person in others:
            queue(person, conversation_id=stage.inside(person).pk)
        take_all(stage.stage)
        waits = [row_of(turn).is_queued for turn in stage.all_paused]

    assert waits == [False, False, True, True]
