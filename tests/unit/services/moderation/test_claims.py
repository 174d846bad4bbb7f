"""A turn is claimed by one process, in the order of the turns, and only where a rule wants that."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.utils import timezone

from tests.support import factories, review_factories
from vision_chat.models import Message, ModerationVerdict, Queue, Rule
from vision_chat.services.moderation.claims import LEASE, Claim, claim, let_go
from vision_chat.services.review_queues import filling

pytestmark = pytest.mark.each_database


def rule(queue: Queue, model_name: str = "guard", **values: Any) -> Rule:
    since = timezone.now() - timedelta(hours=1)
    return queue.rules.create(kind=Rule.Kind.MODERATION, value=model_name, since=since, **values)


def turns(owner: User, count: int) -> list[Message]:
    return [factories.turn(factories.conversation(owner)) for _ in range(count)]


def claimed(claims: list[Claim]) -> list[tuple[str, int]]:
    return [(each.model_name, each.generation_id) for each in claims]


def test_without_a_rule_that_is_used_in_an_open_queue_nothing_is_claimed(ann: User) -> None:
    turns(ann, 1)
    rule(review_factories.queue("Closed", is_open=False))
    queue = review_factories.queue("Open")
    rule(queue, is_enabled=False)
    queue.rules.create(kind=Rule.Kind.SHARE, value="100", since=timezone.now() - timedelta(hours=1))

    assert claim(10) == []


def test_rules_take_turns_and_each_turn_is_claimed_once_a_model(ann: User) -> None:
    queue = review_factories.queue()
    first, second = (turn.generations.get().pk for turn in turns(ann, 2))
    for name in ("guard", "guard", "other"):
        rule(queue, name)
    filling.fill(queue)

    assert claimed(claim(2)) == [("guard", first), ("other", first)]
    assert claimed(claim(10, besides=["other"])) == [("guard", second)]
    assert claimed(claim(10)) == [("other", second)]
    assert claim(10) == []


def test_a_claim_of_a_process_that_died_runs_out(ann: User) -> None:
    rule(review_factories.queue())
    turns(ann, 1)
    (before,) = claim(1)
    ModerationVerdict.objects.update(due_at=timezone.now() - timedelta(seconds=1))

    assert claim(1) == [before]
    row = ModerationVerdict.objects.get()
    assert row.attempts == 2
    assert row.due_at > timezone.now() + LEASE / 2
    let_go(before)
    assert not ModerationVerdict.objects.exists()


def test_two_processes_never_claim_the_same_turn(ann: User) -> None:
    rule(review_factories.queue())
    turns(ann, 12)
    start, found = threading.Barrier(2), list[Claim]()

    def work() -> None:
        start.wait()
        for _ in range(6):
            found.extend(claim(3))
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len({each.generation_id for each in found}) == 12
