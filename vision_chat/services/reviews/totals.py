"""Totals over everybody's conversations."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from vision_chat.services.reviews.queries import having_errors, reviewable, with_verdict


@dataclass(frozen=True, slots=True)
class ReviewTotals:
    """Number of conversations: in all, by the verdict that counts, and of those with errors."""

    conversations: int
    unreviewed: int
    verdicts: dict[str, int]
    with_errors: int


def review_totals() -> ReviewTotals:
    """Count conversations in two queries."""
    conversations: QuerySet[Any] = with_verdict(reviewable()).order_by()
    by_verdict = conversations.values("verdict").annotate(number=Count("pk"))
    counts = {row["verdict"]: row["number"] for row in by_verdict}
    return ReviewTotals(
        conversations=sum(counts.values()),
        unreviewed=counts.pop(None, 0),
        verdicts=counts,
        with_errors=having_errors().count(),
    )
