"""Saving of reviews outside queues: nothing is overwritten, and of each author the latest is current."""

from django.db import transaction

from vision_chat.models import AuditEntry, Review
from vision_chat.services import audit
from vision_chat.services.figures import kept as figures


def save_review(review: Review) -> None:
    """Save a new review, after which its author's earlier ones of the conversation are records.

    Raises AuditUnavailableError.
    """
    earlier = Review.objects.filter(
        conversation=review.conversation_id, author=review.author_id, assignment=None, is_current=True
    )
    with transaction.atomic():
        if review.author_id is not None:
            earlier.update(is_current=False)
        review.save()
        figures.update_verdict(review.conversation_id)
        verdict = {"verdict": review.verdict}
        conversation = review.conversation
        audit.record(AuditEntry.Action.REVIEWED, review.author, conversation=conversation, details=verdict)
