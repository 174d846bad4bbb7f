"""Whose replies are claimed, and when."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support import factories
from vision_chat.models import Generation
from vision_chat.models.generation import STALE_AFTER, Status
from vision_chat.services.replies.orphan_rows import Orphan, interrupt_orphans

pytestmark = pytest.mark.each_database

FRESH, STALE = timedelta(0), STALE_AFTER + timedelta(seconds=1)


def running(owner: User, boot_id: str, shown_life_ago: timedelta) -> Generation:
    heartbeat_at = timezone.now() - shown_life_ago
    reply = factories.turn(
        factories.conversation(owner), boot_id=boot_id, status=Status.RUNNING, heartbeat_at=heartbeat_at
    )
    generation = reply.generation
    assert generation is not None
    return generation


def is_interrupted(generation: Generation) -> bool:
    generation.refresh_from_db()
    return generation.status == Status.INTERRUPTED and generation.finished_at is not None


@pytest.mark.parametrize(
    ("boot_id", "shown_life_ago", "others_may_run", "expected"),
    [
        ("another", FRESH, False, True),
        ("another", FRESH, True, False),
        ("another", STALE, True, True),
        ("mine", FRESH, False, False),
        ("mine", STALE, False, True),
        ("mine", STALE, True, True),
    ],
)
def test_interrupt_orphans_ends_generations_whose_process_shows_no_life(
    ann: User, boot_id: str, shown_life_ago: timedelta, others_may_run: bool, expected: bool
) -> None:
    generation = running(ann, boot_id, shown_life_ago)

    conversation = generation.message.conversation
    found = [Orphan(ann.pk, conversation.pk, generation.completion.model_name)] if expected else []
    assert interrupt_orphans("mine", others_may_run=others_may_run) == found
    assert is_interrupted(generation) == expected


@pytest.mark.parametrize("others_may_run", [True, False])
def test_interrupt_orphans_never_claims_its_own_generation_however_long_the_machine_slept(
    ann: User, others_may_run: bool
) -> None:
    own = running(ann, "mine", timedelta(hours=8))

    assert interrupt_orphans("mine", others_may_run=others_may_run, own=[own.pk]) == []
    assert not is_interrupted(own)


def test_interrupt_orphans_leaves_a_generation_that_has_ended(ann: User) -> None:
    generation = running(ann, "another", STALE)
    Generation.objects.update(status=Status.STOPPED)

    assert interrupt_orphans("mine", others_may_run=False) == []
    generation.refresh_from_db()
    assert generation.status == Status.STOPPED
