import pytest
from django.contrib.auth.models import User

from tests.support import factories
from vision_chat.models import Review
from vision_chat.services.reviews.totals import ReviewTotals, review_totals

pytestmark = [pytest.mark.django_db, pytest.mark.each_database]


def test_an_empty_site_has_nothing_to_review() -> None:
    assert review_totals() == ReviewTotals(conversations=0, unreviewed=0, verdicts={})


def test_each_conversation_counts_once_by_its_latest_verdict() -> None:
    ann = User.objects.create_user("ann")
    first, second, _ = (factories.conversation(ann) for _ in range(3))
    for conversation, verdict in ((first, "good"), (first, "flawed"), (second, "flawed")):
        Review.objects.create(conversation=conversation, verdict=verdict)

    totals = review_totals()

    assert totals == ReviewTotals(conversations=3, unreviewed=1, verdicts={"flawed": 2})
