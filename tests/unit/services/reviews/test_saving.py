import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.audit_log import sql
from vision_chat.errors.reviews import AuditUnavailableError
from vision_chat.models import AuditEntry, Review
from vision_chat.services.reviews.saving import save_review

pytestmark = pytest.mark.each_database


@pytest.fixture
def review(ann: User, administrator: User) -> Review:
    stairs = factories.conversation(ann)
    return Review(conversation=stairs, verdict="good", note="A secret note", author=administrator)


def test_a_verdict_outside_queues_is_written_down_without_its_note(review: Review, ann: User) -> None:
    save_review(review)
    (entry,) = AuditEntry.objects.all()

    assert (entry.action, str(entry.actor), str(entry.subject)) == ("reviewed", "root", "ann")
    assert (entry.conversation_id, entry.details) == (review.conversation_id, {"verdict": "good"})


def test_what_cannot_be_written_down_is_not_saved(review: Review) -> None:
    save_review(review)
    sql("DELETE FROM vision_chat_audithead")
    review.pk = None  # another one
    with pytest.raises(AuditUnavailableError):
        save_review(review)

    assert Review.objects.count() == 1
