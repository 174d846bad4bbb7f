"""Totals over everybody's conversations."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from vision_chat.services.reviews.queries import reviewable, with_verdict


@dataclass(frozen=True, slots=True)
class ReviewTotals:
    """Number of conversations, in all, and by the verdict that counts."""

    conversations: int
    unreviewed: int
    verdicts: dict[str, int]


def review_totals() -> ReviewTotals:
    """Count conversations by verdict, in one query."""
    conversations: QuerySet[Any] = with_verdict(reviewable()).order_by()
    by_verdict = conversations.values("verdict").annotate(number=Count("pk"))
    counts = {row["verdict"]: row["number"] for row in by_verdict}
    return ReviewTotals(
        conversations=sum(counts.values()),
        unreviewed=counts.pop(None, 0),
        verdicts=counts,
    )
