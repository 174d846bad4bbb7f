"""The first page of the admin: what there is to review, and what was done last."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.models import User as Account
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from vision_chat.admin.conversations.filters import HasErrorsFilter, VerdictFilter
from vision_chat.admin.parts.filtered_lists import FILTERS
from vision_chat.admin.parts.verdicts import CHOICES, NOT_REVIEWED
from vision_chat.models import Conversation, Review, permissions
from vision_chat.services.review_queues.blindness import blind_id_of, seen_reviews
from vision_chat.services.reviews.queries import MOST
from vision_chat.services.reviews.totals import first_unreviewed, review_totals

LATEST = 8
"""Number of reviews that the page shows."""


def overview_for(user: Account | AnonymousUser) -> dict[str, Any]:
    """Return the context of the page, without what `user` may not see."""
    if not user.has_perm(permissions.VIEW_CONVERSATIONS):
        return {}
    totals = review_totals()
    blind_id = blind_id_of(user)
    known = {value for value, _ in CHOICES}
    verdicts = [
        (VerdictFilter.NONE, NOT_REVIEWED, totals.unreviewed),
        *((value, name, totals.verdicts.get(value, 0)) for value, name in CHOICES),
        # those of other rubrics as soon as they were given
        *(
            (value, value, number)
            for value, number in totals.verdicts.items()
            if number and value not in known
        ),
    ]
    if blind_id is not None:  # their list has no verdicts either
        verdicts = []
    errors = urlencode({HasErrorsFilter.parameter_name: HasErrorsFilter.YES})
    return {
        "total": totals.conversations,
        "most": MOST,
        "list_url": reverse("admin:vision_chat_conversation_changelist"),
        "tiles": [
            *(
                {"kind": value, "name": name, "number": number, "query": _query(value)}
                for value, name, number in verdicts
            ),
            {"kind": "errors", "name": gettext("With errors"), "number": totals.with_errors, "query": errors},
        ],
        "first_url": _first_url() if blind_id is None else "",
        "latest_reviews": _latest_reviews(user),
    }


def _query(verdict: str) -> str:
    return urlencode({VerdictFilter.parameter_name: verdict})


def _first_url() -> str:
    """Return the address of the latest conversation that is not reviewed; "" where all are."""
    first = first_unreviewed()
    if first is None:
        return ""
    filters = urlencode({FILTERS: _query(VerdictFilter.NONE)})
    return f"{reverse('admin:vision_chat_conversation_change', args=[first.pk])}?{filters}"


def _latest_reviews(user: Account | AnonymousUser) -> list[Review]:
    """Return the latest reviews that `user` may see; titles of what they may not read are hidden."""
    # by a list of what is deleted: SQLite would begin with all that is not, and sort the reviews of it
    reviews = Review.objects.exclude(conversation__in=Conversation.objects.exclude(deleted_at=None))
    reviews = seen_reviews(reviews, blind_id_of(user))
    latest = list(reviews.select_related("author", "conversation", "rubric_version").order_by("-pk")[:LATEST])
    ids = {review.conversation_id for review in latest}
    readable = Conversation.objects.reviewable_whole_by(user).filter(pk__in=ids)
    may_be_read = set(readable.values_list("pk", flat=True))
    for review in latest:
        review.conversation.is_readable = review.conversation_id in may_be_read
    return latest
