"""Totals over everybody's conversations."""

from dataclasses import dataclass

from vision_chat.models import Conversation
from vision_chat.services.reviews.queries import counted, reviewable, verdict_values, with_figures


@dataclass(frozen=True, slots=True)
class ReviewTotals:
    """Number of conversations: in all, by the verdict that counts, and of those with errors.

    `MOST` + 1 stands for any larger number.
    """

    conversations: int
    unreviewed: int
    verdicts: dict[str, int]
    with_errors: int


def review_totals() -> ReviewTotals:
    """Count conversations, in a query for each number."""
    conversations = with_figures(reviewable())
    return ReviewTotals(
        conversations=counted(conversations),
        unreviewed=counted(conversations.filter(figures__verdict="")),
        verdicts={
            verdict: counted(conversations.filter(figures__verdict=verdict)) for verdict in verdict_values()
        },
        with_errors=counted(conversations.filter(figures__has_errors__in=[True])),
    )


def first_unreviewed() -> Conversation | None:
    """Return the conversation that nobody has reviewed and that was active last."""
    unreviewed = with_figures(reviewable()).filter(figures__verdict="")
    return unreviewed.order_by("-figures__last_activity", "-figures__pk").first()
