import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support import factories
from vision_chat.models import Review
from vision_chat.models.generation import Status
from vision_chat.services.reviews.totals import ReviewTotals, review_totals

pytestmark = [pytest.mark.django_db, pytest.mark.each_database]


NONE = dict.fromkeys(Review.Verdict.values, 0)


def test_an_empty_site_has_nothing_to_review() -> None:
    assert review_totals() == ReviewTotals(conversations=0, unreviewed=0, verdicts=NONE, with_errors=0)


def test_each_conversation_counts_once_by_its_latest_verdict() -> None:
    ann = User.objects.create_user("ann")
    first, second, _ = (factories.conversation(ann) for _ in range(3))
    for conversation, verdict in ((first, "good"), (first, "flawed"), (second, "flawed")):
        factories.review(conversation, verdict=verdict)

    totals = review_totals()

    assert totals == ReviewTotals(conversations=3, unreviewed=1, verdicts=NONE | {"flawed": 2}, with_errors=0)


def test_a_conversation_with_errors_counts_once_and_a_deleted_one_not_at_all() -> None:
    ann = User.objects.create_user("ann")
    several, stopped = factories.conversation(ann), factories.conversation(ann)
    deleted = factories.conversation(ann, deleted_at=timezone.now())
    for status in (Status.FAILED, Status.INTERRUPTED, Status.FAILED):
        factories.turn(several, status=status)
    factories.turn(stopped, status=Status.STOPPED)
    factories.turn(deleted, status=Status.FAILED)

    assert review_totals().with_errors == 1
