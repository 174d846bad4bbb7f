"""Replies that hold a slot while their endpoint is paused give it to others, and wait in the line again."""

import asyncio
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.fake_endpoint import FakeEndpoint
from tests.support.fake_scenarios import error, say
from tests.support.models_of_sites import endpoint, language_model
from tests.support.queued_replies import NARROW, queue, row_of, take_all
from tests.support.run_stage import RunStage, run_stage
from tests.support.use_cases import ask
from vision_chat.events import ConversationStale, Event
from vision_chat.models import Completion, Conversation, EndpointState
from vision_chat.models.generation import NO_PROCESS, Status
from vision_chat.services.endpoint_states import rows
from vision_chat.services.replies.checkpoints import want_stopped
from vision_chat.services.replies.history import Cursor
from vision_chat.services.replies.turn import Turn

pytestmark = pytest.mark.each_database

PAUSE = error(429, headers={"Retry-After": "60"})


class PausedStage:
    """The endpoint of the stage wants a pause; a reply waits for its end, in the only slot of the site."""

    def __init__(self, stage: RunStage, other: FakeEndpoint, person: User) -> None:
        self.stage, self.other = stage, other
        self.address = stage.fake.base_url
        self.paused = ask(person)
        self.set_endpoint(self.paused, "fake/vision")
        self.live = stage.start(self.paused, PAUSE)
        stage.until(lambda: "slow down" in self.live.shown_note)
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


@pytest.fixture
def stage(transactional_db: None, ann: User) -> Iterator[PausedStage]:
    with run_stage(limits=NARROW) as stage:
        other = FakeEndpoint()
        stage.run(other.__aenter__())
        yield PausedStage(stage, other, ann)
        stage.run(other.__aexit__(None, None, None))


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
