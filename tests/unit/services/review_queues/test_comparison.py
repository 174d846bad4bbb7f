"""Agreement of a queue: per question and pair of those who judged the same."""

import pytest
from django.contrib.auth.models import User

from tests.support import review_factories as made
from vision_chat.services.review_queues import comparison, verdicts

pytestmark = pytest.mark.each_database


def test_what_is_changed_after_others_have_handed_in_says_nothing_of_agreement(ann: User) -> None:
    rita, rob = made.reviewer("rita"), made.reviewer("rob")
    queue = made.queue(reviewers_per_item=2)
    made.item(queue, ann)
    first = made.handed_out(rita, queue)
    slip = verdicts.submit(first.pk, rita, first.token, "harmful", {})
    before = verdicts.change(slip.pk, rita, "good", {})
    second = made.handed_out(rob, queue)
    hasty = verdicts.submit(second.pk, rob, second.token, "flawed", {})
    after = verdicts.change(hasty.pk, rob, before.verdict, {})
    (row,) = comparison.of_queue(queue)
    assert (row.figures.count, row.figures.raw) == (1, 0.0)
    assert row.figures.table == ((0, 1, 0), (0, 0, 0), (0, 0, 0))

    verdicts.withdraw(after.pk, rob)
    assert comparison.of_queue(queue) == []


def test_each_question_and_each_pair_has_a_row(ann: User) -> None:
    people = [made.reviewer(name) for name in ("rita", "rob", "ruth")]
    rubric = made.rubric("Right", {"key": "right", "kind": "yes_no"}, {"key": "why", "kind": "text"})
    queue = made.queue(of=rubric, reviewers_per_item=3)
    made.items(queue, ann, 3)
    for person in people:
        for place in range(2 if person.username == "ruth" else 3):
            mine = made.handed_out(person, queue)
            answers = {"right": "yes" if place else "", "why": "So"}
            verdicts.submit(mine.pk, person, mine.token, "good", answers)
    rows = comparison.of_queue(queue)
    assert [(row.label, row.first, row.second) for row in rows if not row.key] == [
        ("Verdict", "rita", "rob"),
        ("Verdict", "rita", "ruth"),
        ("Verdict", "rob", "ruth"),
    ]
    first = rows[0].figures
    assert (first.count, first.raw, first.kappa, first.ac1, first.is_few) == (3, 1.0, None, 1.0, True)
    assert first.table == ((3, 0, 0), (0, 0, 0), (0, 0, 0))
    assert {row.key for row in rows} <= {"", "right"}
