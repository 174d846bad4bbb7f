"""What SQL finds is what the rule says, in the order that it says."""

import random
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from tests.support import factories, next_items
from tests.support import review_factories as made
from tests.support.examples import seeds
from vision_chat.models import Assignment, ReviewItem
from vision_chat.services.review_queues._locked import plain, plain_reviewer, with_hands
from vision_chat.services.review_queues._waiting import gold_for, in_order, queues_of, waiting_for
from vision_chat.services.review_queues.choice import Item, waits_for

pytestmark = pytest.mark.each_database


@pytest.mark.parametrize("seed", seeds(4))
def test_sql_finds_what_the_rule_finds(ann: User, seed: int) -> None:
    chance = random.Random(seed)
    night = Group.objects.create(name="Night")
    people = [made.reviewer(name) for name in ("rita", "rob", "ruth")]
    people[0].groups.add(night)
    queue = made.queue(reviewers_per_item=2)
    now = timezone.now()
    answer = made.item(queue, ann)
    ReviewItem.objects.bulk_create(
        ReviewItem(
            queue=queue,
            version=answer.version,
            conversation=answer.conversation,
            through_message_id=answer.through_message_id + number,
            state=chance.choice(["waiting", "in_review", "in_review", "in_review", "done", "closed"]),
            reviewers_wanted=chance.choice([1, 2]),
            assigned_person=chance.choice([None, None, None, people[1]]),
            assigned_group=chance.choice([None, None, None, night]),
        )
        for number in range(1, 60)
    )
    Assignment.objects.bulk_create(
        Assignment(
            item=item,
            reviewer=person,
            state=chance.choice(Assignment.State.values),
            expires_at=now + timedelta(minutes=chance.choice([-5, 5])),
        )
        for item in queue.items.exclude(state="waiting")
        for person in people
        if chance.random() < 0.5
    )
    for real in chance.sample(list(queue.items.all()), 12):
        about = real.conversation if chance.random() < 0.2 else factories.conversation(ann)
        gold = ReviewItem.every.create(
            queue=queue,
            version=answer.version,
            conversation=about,
            through_message_id=1,
            state=chance.choice(["waiting", "in_review", "in_review", "closed"]),
            gold_of=real,
        )
        for person in chance.sample(people, chance.randrange(3)):
            state = chance.choice(Assignment.State.values)
            Assignment.objects.create(item=gold, reviewer=person, state=state, expires_at=now)
    every = ReviewItem.every.filter(queue=queue).select_related("version")
    items: list[Item] = [plain(with_hands(item)) for item in every]
    for person in people:
        reviewer = plain_reviewer(person.pk)
        expected = {item.pk for item in items if waits_for(item, reviewer, now)}
        assert 0 < len(expected) < len(items)
        found = in_order(waiting_for(person, now), person)
        order = list(found.values_list("pk", flat=True))
        assert set(order) == expected
        mixed_in = set(gold_for(person).values_list("pk", flat=True))
        assert mixed_in == {item.pk for item in next_items.gold_for(items, reviewer)}
        left = list(items)
        for pk in order:
            following = next_items.next_of(left, reviewer, now)
            assert following is not None
            assert following.pk == pk
            left.remove(following)


def test_a_queue_is_for_its_people_and_groups_or_for_everybody(ann: User) -> None:
    rita, rob = made.reviewer("rita"), made.reviewer("rob")
    night = Group.objects.create(name="Night")
    rob.groups.add(night)
    for_all = made.queue("All")
    of_rita, of_night, _closed = made.queue("Rita"), made.queue("Night"), made.queue("Closed", is_open=False)
    of_rita.people.add(rita, ann)
    of_night.groups.add(night)
    assert set(queues_of(rita)) == {for_all, of_rita}
    assert set(queues_of(rob)) == {for_all, of_night}
    made.item(of_night, ann)
    assert not waiting_for(rita, timezone.now()).exists()
    assert waiting_for(rob, timezone.now()).count() == 1
