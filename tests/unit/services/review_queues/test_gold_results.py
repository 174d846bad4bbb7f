"""Figures of gold items: by reviewer and by item, in a fixed number of queries."""

from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support import review_factories as made
from tests.support.people import in_group
from vision_chat.services.review_queues import gold_items, gold_results, verdicts
from vision_chat.services.review_queues.gold import Share


def test_reviewers_are_held_against_what_is_known(ann: User) -> None:
    lead = in_group("lena", "Leads")
    queue = made.queue(gold_percent=100)
    first, second, third, _real = made.items(queue, ann, 4)
    for item, verdict in ((first, "good"), (second, "flawed"), (third, "good")):
        gold_items.make(item, lead, verdict)
    for name in ("rita", "rob"):
        person = made.reviewer(name)
        for _ in range(3):
            mine = made.handed_out(person, queue)
            verdicts.submit(mine.pk, person, mine.token, "good", {})
    with CaptureQueriesContext(connection) as captured:
        found = gold_results.of_queue(queue)
    assert len(captured) == 2
    assert [(judge.name, judge.right) for judge in found.people] == [
        ("rita", Share(2, 3)),
        ("rob", Share(2, 3)),
    ]
    assert [(item.pk, item.verdict, item.wrong) for item in found.items] == [
        (second.pk, "Flawed", Share(2, 2)),
        (first.pk, "Good", Share(0, 2)),
        (third.pk, "Good", Share(0, 2)),
    ]
    assert [item.is_doubtful for item in found.items] == [True, False, False]
    gold_items.take_out(second, lead)
    found = gold_results.of_queue(queue)
    assert [judge.right for judge in found.people] == [Share(2, 2), Share(2, 2)]
    assert len(found.items) == 2
