"""Agreement of a queue: per question and pair of those who judged the same."""

import pytest
from django.contrib.auth.models import User

from tests.support import review_factories as made
from vision_chat.services.review_queues import comparison, verdicts

pytestmark = pytest.mark.each_database


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
