"""What was said of gold items goes with its author and with the queue."""

import pytest
from django.contrib.auth.models import User

from tests.support import review_factories as made
from tests.support.people import in_group
from vision_chat.models import Annotation, Assignment, Correction, Message, Queue, Review
from vision_chat.services.review_queues import gold_items, verdicts
from vision_chat.services.review_queues.deletion import delete_queue
from vision_chat.services.review_queues.leaving import leave_batch
from vision_chat.services.reviews import annotations, corrections
from vision_chat.services.reviews.item_access import access_to


@pytest.fixture
def queue(ann: User) -> Queue:
    """A queue of a gold and a real item, both judged, labelled and corrected by two people."""
    queue = made.queue(gold_percent=100, reviewers_per_item=2)
    known, _real = made.items(queue, ann, 2)
    gold_items.make(known, in_group("lena", "Leads"), "good")
    for name in ("rita", "rob"):
        person = made.reviewer(name)
        for _ in range(2):
            mine = made.handed_out(person, queue)
            assert mine.item.conversation is not None
            answer = mine.item.conversation.messages.get(role=Message.Role.ASSISTANT)
            access = access_to(person, mine.item_id)
            annotations.annotate(access, answer.pk, ["Long"], "")
            corrections.correct(access, answer.pk, "Better")
            verdicts.submit(mine.pk, person, mine.token, "good", {})
    return queue


def left() -> list[int]:
    rows = (Review.every, Correction.objects, Annotation.objects, Assignment.objects)
    return [each.count() for each in rows]


def test_with_its_author(queue: Queue) -> None:
    assert left() == [4, 4, 4, 4]
    leave_batch(User.objects.get(username="rita"))
    assert left() == [3, 3, 3, 2]
    assert Review.objects.filter(author=None).count() == 1
    assert Review.every.filter(is_gold=True).get().author == User.objects.get(username="rob")


def test_with_the_queue(queue: Queue) -> None:
    delete_queue(queue)
    assert left() == [2, 2, 2, 0]
    assert not Review.every.filter(is_gold=True).exists()
