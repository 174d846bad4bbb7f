"""A lead's decision counts more than all verdicts, whatever becomes of these."""

import pytest
from django.contrib.auth.models import User

from tests.support import review_factories as made
from vision_chat.errors.reviews import AnswersError, NothingToResolveError
from vision_chat.models import AuditEntry, ReviewItem
from vision_chat.services.review_queues import items, resolutions, verdicts

pytestmark = pytest.mark.each_database

State = ReviewItem.State


def test_only_a_disagreement_is_decided_and_the_decision_stays(ann: User) -> None:
    lead = made.reviewer("lead", "resolve_reviewitem")
    queue = made.queue(reviewers_per_item=2)
    item = made.item(queue, ann)
    reviews = []
    for name, verdict in (("rita", "good"), ("rob", "flawed")):
        with pytest.raises(NothingToResolveError):
            resolutions.resolve(item.pk, lead, "good")
        person = made.reviewer(name)
        mine = made.handed_out(person, queue)
        reviews.append(verdicts.submit(mine.pk, person, mine.token, verdict, {}))
    with pytest.raises(AnswersError):
        resolutions.resolve(item.pk, lead, "splendid")
    resolutions.resolve(item.pk, lead, "flawed", "As agreed by phone")
    resolutions.resolve(item.pk, lead, "harmful")
    item.refresh_from_db()
    assert item.state == State.RESOLVED
    assert [each.verdict for each in item.resolutions.all()] == ["harmful", "flawed"]
    assert AuditEntry.objects.filter(action="resolved", actor__person=lead).count() == 2
    author = reviews[0].author
    assert author is not None
    verdicts.withdraw(reviews[0].pk, author)
    items.close(item)
    assert items.reopen(item).state == State.RESOLVED
