"""Places for calls that write no reply: by endpoint, for a while, and after replies that wait."""

import asyncio
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from tests.support.models_of_sites import endpoint
from tests.support.run_stage import RunStage, run_stage
from tests.support.use_cases import ask
from vision_chat.errors.turns import NoPlaceError
from vision_chat.models import Completion, Generation
from vision_chat.models.generation import NO_PROCESS
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.replies.slots import ReplyLimits
from vision_chat.services.replies.turn import Turn

pytestmark = pytest.mark.each_database

FULL = Endpoint(base_url="http://full/v1", model_name="-", max_replies=1)
IDLE = Endpoint(base_url="http://idle/v1", model_name="-")


@pytest.fixture
def stage(transactional_db: None) -> Iterator[RunStage]:
    with run_stage(limits=ReplyLimits(at_once=4, waiting=1)) as stage:
        yield stage


async def held(stage: RunStage, at: Endpoint, seconds: float = 0.2) -> None:
    """Hold a slot for a moment."""
    async with stage.runner.slot_aside("somebody", 0, at, seconds=seconds):
        pass


def reply_at(at: Endpoint, person: User) -> Turn:
    turn = ask(person)
    Completion.objects.filter(generations=turn.generation.pk).update(endpoint=at.address)
    return turn


def wait_for_a_slot(turn: Turn) -> None:
    Generation.objects.filter(pk=turn.generation.pk).update(boot_id=NO_PROCESS)


def test_a_call_has_a_slot_where_one_is_free_and_no_reply_may_wait(transactional_db: None) -> None:
    with run_stage(limits=ReplyLimits(at_once=1, waiting=0)) as stage:
        stage.run(held(stage, IDLE))


def test_a_call_is_refused_where_none_is_free_and_no_more_may_wait(transactional_db: None, ann: User) -> None:
    reply_at(IDLE, ann)
    with run_stage(limits=ReplyLimits(at_once=1, waiting=0)) as stage, pytest.raises(NoPlaceError):
        stage.run(held(stage, IDLE))


def test_replies_that_wait_for_a_full_endpoint_hold_up_no_call_of_another(
    stage: RunStage, ann: User, stranger: User
) -> None:
    endpoint("Full", FULL.base_url, max_replies=FULL.max_replies)
    reply_at(FULL, ann)
    wait_for_a_slot(reply_at(FULL, stranger))

    stage.run(held(stage, IDLE))
    with pytest.raises(NoPlaceError):
        stage.run(held(stage, FULL))


def test_calls_count_at_their_endpoint_and_wait_for_it_alone(stage: RunStage) -> None:
    async def crowded() -> None:
        async with stage.runner.slot_aside("ann", 0, FULL, seconds=1):
            waiting = asyncio.create_task(held(stage, FULL, seconds=60))
            await asyncio.sleep(0)
            await held(stage, IDLE)
            assert not waiting.done()
            with pytest.raises(NoPlaceError):
                await held(stage, FULL)
        await waiting

    stage.run(crowded())
    assert stage.runner.counts().running == 0
