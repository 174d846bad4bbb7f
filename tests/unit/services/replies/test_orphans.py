"""Replies whose process shows no life: when another process takes it for dead."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from django.contrib.auth.models import User
from django.db.models.functions import Now
from django.db.utils import OperationalError

from tests.support import factories
from tests.support.fake_endpoint import PATIENCE
from tests.support.fake_scenarios import step
from tests.support.losable_writer import LosableWriter
from tests.support.metrics import noted
from tests.support.run_stage import RunStage, run_stage
from tests.support.use_cases import ask
from vision_chat.models import Generation, Message
from vision_chat.models.generation import STALE_AFTER, Status
from vision_chat.services.metrics import measured
from vision_chat.services.replies.orphans import PATIENCE_SECONDS, SWEEP_SECONDS, Sweep
from vision_chat.services.replies.runner import Runner
from vision_chat.services.writer import Readers, Writer

pytestmark = pytest.mark.each_database


class Clock:
    """Seconds that pass when the test says so; heartbeats that nobody renews grow older with them."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += seconds
        silent = Generation.objects.running()
        for generation in silent:
            silent.filter(pk=generation.pk).update(
                heartbeat_at=generation.heartbeat_at - timedelta(seconds=seconds)
            )


@pytest.fixture
def stage(transactional_db: None) -> Iterator[RunStage]:
    with run_stage() as stage:
        yield stage


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sweep(stage: RunStage, clock: Clock) -> Sweep:
    return Sweep(stage.runner, stage.runner.dependencies.writer, clock)


def sweep_for(
    stage: RunStage, sweep: Sweep, clock: Clock, seconds: float, meanwhile: Callable[[], Any]
) -> None:
    """Sweep at intervals for so long, and do something else before each."""
    for _ in range(round(seconds / SWEEP_SECONDS)):
        clock.passes(SWEEP_SECONDS)
        meanwhile()
        stage.run(sweep.sweep())


def is_running() -> bool:
    return Generation.objects.running().exists()


def nothing() -> None:
    """The process of the reply shows no life."""


def reply_elsewhere(ann: User) -> None:
    factories.turn(factories.conversation(ann), boot_id="another", status=Status.RUNNING, heartbeat_at=Now())


def test_a_reply_whose_process_died_is_interrupted_within_ten_seconds(
    stage: RunStage, sweep: Sweep, clock: Clock, ann: User
) -> None:
    sweep_for(stage, sweep, clock, PATIENCE_SECONDS, nothing)
    reply_elsewhere(ann)
    half = STALE_AFTER.total_seconds() / 2  # the rest is for the time that the sweeps themselves take
    sweep_for(stage, sweep, clock, half, nothing)
    assert is_running()

    sweep_for(stage, sweep, clock, half + SWEEP_SECONDS, nothing)
    assert not is_running()


def test_a_busy_writer_delays_no_look_at_silent_processes(stage: RunStage, clock: Clock, ann: User) -> None:
    """Looks that come late would count as a database that is away, and what is orphaned wait for longer."""
    readers, is_free = Readers(), threading.Event()
    sweep = Sweep(stage.runner, readers, clock)
    writer = stage.runner.dependencies.writer
    busy = stage.now(asyncio.ensure_future, writer.run(is_free.wait, PATIENCE))
    sweep_for(stage, sweep, clock, PATIENCE_SECONDS, nothing)
    assert not busy.done()

    is_free.set()
    stage.run(readers.close())


def test_the_end_of_an_orphan_counts_among_the_ends_of_replies(
    stage: RunStage, sweep: Sweep, clock: Clock, ann: User
) -> None:
    reply_elsewhere(ann)
    with noted(measured.REPLIES_ENDED, measured.REPLIES_ORPHANED) as seen:
        sweep_for(stage, sweep, clock, 2 * PATIENCE_SECONDS, nothing)

    model_name = Generation.objects.get().completion.model_name
    assert seen.of(measured.REPLIES_ENDED) == {(model_name, "interrupted"): 1}
    assert seen.of(measured.REPLIES_ORPHANED) == {(): 1}


def test_nobody_is_taken_for_dead_after_the_database_was_away_unless_it_stays_silent(
    stage: RunStage, sweep: Sweep, clock: Clock, ann: User
) -> None:
    sweep_for(stage, sweep, clock, PATIENCE_SECONDS, nothing)
    reply_elsewhere(ann)
    clock.passes(30)  # in which no sweep got an answer
    stage.run(sweep.sweep())
    sweep_for(stage, sweep, clock, PATIENCE_SECONDS - SWEEP_SECONDS, nothing)
    assert is_running()

    sweep_for(stage, sweep, clock, SWEEP_SECONDS, nothing)
    assert not is_running()


def test_no_word_is_lost_while_the_database_is_away(stage: RunStage, clock: Clock, ann: User) -> None:
    """The process of the reply and the one that sweeps lose the database for 30 seconds, and get it back."""
    writer = LosableWriter(stage.runner.dependencies.writer)
    stage.runner.dependencies = replace(stage.runner.dependencies, writer=cast(Writer, writer))
    sweep = Sweep(Runner(stage.runner.dependencies), stage.runner.dependencies.writer, clock)
    turn = ask(ann)
    live = stage.start(turn, step("One two three four."))
    call = stage.next_call()
    stage.say(live, call, 1)

    def save() -> None:
        stage.run(stage.runner.checkpoint())

    sweep_for(stage, sweep, clock, PATIENCE_SECONDS, save)
    writer.is_away = True
    for _ in range(15):
        clock.passes(SWEEP_SECONDS)
        for job in (sweep.sweep(), stage.runner.checkpoint()):
            with pytest.raises(OperationalError):
                stage.run(job)
    stage.say(live, call, 1)
    writer.is_away = False
    stage.run(sweep.sweep())
    sweep_for(stage, sweep, clock, 2 * PATIENCE_SECONDS, save)
    call.release(10)

    assert stage.watch(live).status == Status.COMPLETED
    assert Message.objects.get(pk=turn.reply.pk).text == "One two three four."
