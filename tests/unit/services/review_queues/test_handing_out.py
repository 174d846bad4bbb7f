"""Handing out: to whom, what, how often, and also where all reach for it at once."""

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.support import review_factories as made
from tests.support import scikit_learn
from tests.support.examples import seeds
from tests.support.next_items import Mix, next_of
from tests.support.people import consented, granted
from tests.support.use_cases import call
from vision_chat.errors.reviews import (
    ItemClosedError,
    ItemFullError,
    ItemNotYoursError,
    LeaseLostError,
    ReviewError,
)
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Assignment, Conversation, Queue, Review, ReviewItem
from vision_chat.services.conversations.delete import delete, restore
from vision_chat.services.review_queues import (
    comparison,
    gold_items,
    handing_out,
    items,
    leases,
    progress,
    verdicts,
    versions,
)
from vision_chat.services.review_queues._locked import plain, plain_reviewer, with_hands
from vision_chat.services.review_queues.handing_out import BusyElsewhere, next_item, open_item
from vision_chat.services.review_queues.states import state_of
from vision_chat.services.reviews import consents

pytestmark = pytest.mark.each_database

State = ReviewItem.State


def expire(assignment: Assignment, minutes: int = 1) -> None:
    Assignment.objects.filter(pk=assignment.pk).update(expires_at=timezone.now() - timedelta(minutes=minutes))


def test_an_item_is_in_one_hand_at_a_time_and_comes_first_to_that_one(ann: User) -> None:
    rita, rob, queue = made.reviewer("rita"), made.reviewer("rob"), made.queue()
    made.items(queue, ann, 2)
    first, second = made.handed_out(rita, queue), made.handed_out(rob, queue)
    assert first.item != second.item
    again = made.handed_out(rita, queue)
    assert (again, again.token) == (first, first.token)
    assert next_item(rita, queue, besides=[first.item_id]) is None
    first.item.refresh_from_db()
    assert first.item.state == State.IN_REVIEW


def test_a_lease_that_has_run_out_goes_to_who_needs_it_and_its_draft_stays(ann: User) -> None:
    rita, rob, queue = made.reviewer("rita"), made.reviewer("rob"), made.queue()
    item = made.item(queue, ann)
    lost = made.handed_out(rita, queue)
    assert next_item(rob, queue) is None
    expire(lost)
    leases.renew(lost.pk, rita, lost.token)
    assert next_item(rob, queue) is None
    expire(lost)
    Assignment.objects.filter(pk=lost.pk).update(draft={"note": "Half"}, draft_number=3)
    taken = made.handed_out(rob, queue)
    assert taken.item == item
    assert next_item(rita, queue) is None
    with pytest.raises(LeaseLostError):
        leases.renew(lost.pk, rita, lost.token)
    with pytest.raises(ItemFullError):
        open_item(rita, item)
    leases.skip(taken.pk, rob, taken.token)
    back = made.handed_out(rita, queue)
    assert (back.pk, back.draft) == (lost.pk, {"note": "Half"})
    assert back.token != lost.token


def test_who_is_overdue_longest_loses_the_place(ann: User) -> None:
    queue = made.queue(reviewers_per_item=2)
    people = [made.reviewer(name) for name in ("rita", "rob", "ruth")]
    made.item(queue, ann)
    first, second = made.handed_out(people[0], queue), made.handed_out(people[1], queue)
    expire(first, 5)
    expire(second, 9)
    made.handed_out(people[2], queue)
    states = dict(Assignment.objects.values_list("reviewer__username", "state"))
    assert states == {"rita": "active", "rob": "expired", "ruth": "active"}


def test_who_may_open_an_item(ann: User) -> None:
    rita, rob = made.reviewer("rita"), made.reviewer("rob")
    lead = made.reviewer("lead", "assign_reviewitem", "view_conversation")
    queue = made.queue()
    item = made.item(queue, ann)
    assert item.conversation
    with pytest.raises(ItemNotYoursError):
        open_item(rita, item)
    items.assign(item, person=rob)
    assert next_item(rita, queue) is None
    assert progress.of_queue(queue, rita).mine_waiting == 0
    assignment = open_item(rob, item)
    review = verdicts.submit(assignment.pk, rob, assignment.token, "good", {})
    assert open_item(rob, item).state == Assignment.State.DONE
    with pytest.raises(ItemNotYoursError):
        open_item(lead, item)
    verdicts.withdraw(review.pk, rob)
    items.assign(item)
    with pytest.raises(ItemNotYoursError):
        open_item(lead, item.pk)
    granted(lead, item.conversation)
    assert open_item(lead, item.pk).reviewer == lead
    items.close(item)
    with pytest.raises(ItemClosedError):
        open_item(lead, item)
    item.delete()
    with pytest.raises(ItemClosedError):
        open_item(lead, assignment.item_id)


def test_an_item_has_the_version_of_when_it_was_first_handed_out(ann: User) -> None:
    rita, rob, queue = made.reviewer("rita"), made.reviewer("rob"), made.queue()
    item = made.item(queue, ann)
    queue.reviewers_per_item = 2
    queue.save()
    second = versions.save_queue_version(queue)
    made.handed_out(rita, queue)
    item.refresh_from_db()
    assert (item.version, item.reviewers_wanted) == (second, 2)
    queue.reviewers_per_item = 3
    queue.save()
    versions.save_queue_version(queue)
    made.handed_out(rob, queue)
    item.refresh_from_db()
    assert (item.version, item.reviewers_wanted) == (second, 2)


def test_a_conversation_that_is_being_deleted_is_not_handed_out(ann: User) -> None:
    rita, queue = made.reviewer("rita"), made.queue()
    item = made.item(queue, ann)
    Conversation.objects.update(deleted_at=timezone.now())
    assert next_item(rita, queue) is None
    item.refresh_from_db()
    assert (item.state, item.closed_for) == (State.CLOSED, "deleted")


def test_the_next_item_takes_as_many_queries_in_a_long_queue(ann: User) -> None:
    queue = made.queue()
    counts = []
    for name, more in (("ruth", 1), ("rita", 2), ("rob", 40)):  # the first one begins the audit log
        reviewer = made.reviewer(name)
        answer = made.item(queue, ann)
        bulk(queue, answer, more)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            next_item(reviewer, queue)
        counts.append(len(captured))
    assert counts[1] == counts[2] < 29


def bulk(queue: Queue, like: ReviewItem, count: int) -> None:
    """Items of as many conversations, made at once."""
    assert like.conversation is not None
    conversations = Conversation.objects.bulk_create(
        Conversation(owner_id=like.conversation.owner_id) for _ in range(count)
    )
    ReviewItem.objects.bulk_create(
        ReviewItem(
            queue=queue,
            version=like.version,
            conversation=conversation,
            through_message_id=like.through_message_id,
            reviewers_wanted=like.reviewers_wanted,
        )
        for conversation in conversations
    )


class Random:
    """Reviewers who do at random what they can do, with what the services say checked after each step."""

    def __init__(self, ann: User, chance: random.Random) -> None:
        self.ann, self.chance = ann, chance
        self.people = [made.reviewer(name) for name in ("rita", "rob", "ruth")]
        self.queue = made.queue(reviewers_per_item=2, shared_percent=50, gold_percent=50)
        self.items = made.items(self.queue, ann, 8)
        for item in made.items(self.queue, ann, 4):
            gold_items.make(item, ann, "good")
            self.items.append(item)

    def one_of(self, person: User, *states: str) -> Assignment | None:
        found = Assignment.objects.filter(reviewer=person, state__in=states).order_by("pk")
        return self.chance.choice(found) if found else None

    def ask(self, person: User) -> None:
        every = [plain(with_hands(item)) for item in self.every()]
        mix = Mix(self.queue.pk, self.queue.gold_percent)
        expected = next_of(every, plain_reviewer(person.pk), timezone.now(), mix)
        found = next_item(person, self.queue)
        assert not isinstance(found, BusyElsewhere)
        assert (found and found.item_id) == (expected and expected.pk)

    def every(self) -> QuerySet[ReviewItem]:
        return ReviewItem.every.filter(queue=self.queue).select_related("version", "conversation")

    def submit(self, person: User) -> None:
        if mine := self.one_of(person, "active", "expired"):
            verdict = self.chance.choice(["good", "flawed"])
            verdicts.submit(mine.pk, person, mine.token, verdict, {})

    def skip(self, person: User) -> None:
        if mine := self.one_of(person, "active", "expired"):
            leases.skip(mine.pk, person, mine.token)

    def renew(self, person: User) -> None:
        if mine := self.one_of(person, "active", "expired"):
            leases.renew(mine.pk, person, mine.token)

    def let_expire(self, person: User) -> None:
        if mine := self.one_of(person, "active"):
            expire(mine)

    def open(self, person: User) -> None:
        open_item(person, self.chance.choice(self.items))

    def withdraw(self, person: User) -> None:
        if review := Review.every.filter(author=person, is_current=True).order_by("pk").first():
            verdicts.withdraw(review.pk, person)

    def assign(self, person: User) -> None:
        items.assign(self.chance.choice(self.items), self.chance.choice([None, None, person]))

    def delete_or_restore(self, person: User) -> None:
        conversation = self.chance.choice(self.items).conversation
        assert conversation is not None
        conversation.refresh_from_db()
        call(self.ann, restore if conversation.deleted_at else delete, conversation.pk)

    def seal_or_open(self, person: User) -> None:
        conversation = self.chance.choice(self.items).conversation
        assert conversation is not None
        with suppress(NotFoundError):  # it is deleted
            if conversation.read_consents.exists():
                consents.take_back(self.ann, conversation.pk)
            else:
                consents.give(self.ann, conversation.pk)

    def check(self) -> None:
        for item in self.every():
            held = with_hands(item)
            at_it = [hand for hand in held.hands if hand.state in {"active", "done"}]
            assert len(at_it) <= item.reviewers_wanted or item.is_gold
            assert all(bool(hand.verdict) == (hand.state == "done") for hand in held.hands)
            assert item.conversation is not None
            is_gone = item.conversation.deleted_at is not None or not item.conversation.read_consents.exists()
            is_closed = is_gone or item.closed_for == "by_hand"
            assert item.state == state_of(held.wanted, held.hands, is_closed=is_closed)
            assert not Review.objects.filter(assignment__item=item).exists() or not item.is_gold


@pytest.mark.parametrize("seed", seeds(3))
def test_whatever_reviewers_and_owners_do_the_services_keep_to_the_rules(
    ann: User, seed: int, settings: Any
) -> None:
    stage = Random(ann, random.Random(seed))
    settings.VISION_CHAT = replace(settings.VISION_CHAT, seals_conversations=True)
    for item in stage.items:
        assert item.conversation is not None
        consented(item.conversation)
    steps = [
        *(stage.ask, stage.ask, stage.ask, *[stage.submit] * 4, stage.skip),
        *(stage.renew, stage.let_expire, stage.open, stage.withdraw, stage.assign, stage.delete_or_restore),
        stage.seal_or_open,
    ]
    for _ in range(100):
        with suppress(ReviewError):
            stage.chance.choice(steps)(stage.chance.choice(stage.people))
        stage.check()
    assert Review.objects.exists()


@pytest.mark.long
def test_two_who_reach_for_it_at_once_lose_nothing_and_get_nothing_twice(ann: User) -> None:
    # SQLite lets one write at a time, so there is less to see
    count, percent = (200, 20) if connection.vendor == "postgresql" else (30, 60)
    queue = made.queue(reviewers_per_item=2, shared_percent=percent)
    bulk(queue, made.item(queue, ann), count - 1)
    people = [made.reviewer("rita"), made.reviewer("rob")]
    start = threading.Barrier(2)

    def work(person: User) -> list[tuple[int, str]]:
        start.wait()
        said = []
        try:
            while assignment := next_item(person, queue):
                if isinstance(assignment, BusyElsewhere):
                    continue
                verdict = (
                    "good" if (assignment.item_id + 7 * (assignment.item_id % person.pk)) % 3 else "flawed"
                )
                verdicts.submit(assignment.pk, person, assignment.token, verdict, {})
                said.append((assignment.item_id, verdict))
            return said
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(work, people))
    per_item = Counter(item for said in done for item, _ in said)
    assert all(len(dict(said)) == len(said) for said in done)
    assert per_item == dict(queue.items.values_list("pk", "reviewers_wanted"))
    assert Review.objects.count() == sum(per_item.values())
    assert not queue.items.filter(state__in=[State.WAITING, State.IN_REVIEW]).exists()
    first, second = map(dict, done)
    both = sorted(first.keys() & second.keys())
    [row] = comparison.of_queue(queue)
    assert row.figures.count == len(both)
    assert row.figures.kappa is not None
    expected = scikit_learn.kappa([first[pk] for pk in both], [second[pk] for pk in both])
    assert row.figures.kappa.value == pytest.approx(expected)
    disputed = queue.items.filter(state=State.AWAITING_RESOLUTION).count()
    assert disputed == sum(first[pk] != second[pk] for pk in both)


def test_what_is_being_handed_out_is_told_from_nothing(ann: User) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one write at a time")
    rita, queue = made.reviewer("rita"), made.queue()
    item = made.item(queue, ann)

    def ask() -> object:
        try:
            return next_item(rita, queue)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            ReviewItem.objects.select_for_update().get(pk=item.pk)
            assert pool.submit(ask).result() == BusyElsewhere()
        assert isinstance(pool.submit(ask).result(), Assignment)
    assert handing_out.next_item(made.reviewer("rob"), queue) is None
