"""Figures as the rows of conversations have them: the definition of what is kept."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from vision_chat.models import (
    Completion,
    Conversation,
    ConversationFigures,
    Feedback,
    Generation,
    Message,
    MessageImage,
    Report,
    Resolution,
    Review,
)
from vision_chat.models.generation import Status

ERRORS = (Status.FAILED, Status.INTERRUPTED)

Ids = Collection[uuid.UUID]
_Verdict = tuple[datetime, int, str]


def computed(conversation_ids: Ids) -> dict[uuid.UUID, ConversationFigures]:
    """Return the figures of those of these conversations that have begun, in a fixed number of queries."""
    activity = dict(_begun(conversation_ids).values_list("pk", "updated_at"))
    messages = _sums(Message.objects.sent(), "conversation", activity, Count("pk"))
    images, first_images = _images(activity)
    usage = _usage(activity)
    failed = _failed(activity)
    current = verdicts(activity)
    bad, reports = bad_feedback(activity), open_reports(activity)
    return {
        pk: ConversationFigures(
            conversation_id=pk,
            last_activity=moment,
            message_count=messages.get(pk, 0),
            image_count=len(images[pk]),
            has_images=bool(images[pk]),
            first_image_id=first_images.get(pk),
            token_count=usage.get(pk, (0, 0))[0],
            usd_spent=usage.get(pk, (0, Decimal(0)))[1],
            has_errors=pk in failed,
            verdict=current.get(pk, ""),
            bad_feedback_count=bad.get(pk, 0),
            open_report_count=reports.get(pk, 0),
        )
        for pk, moment in activity.items()
    }


def _begun(conversation_ids: Ids) -> QuerySet[Conversation]:
    return Conversation.objects.begun().filter(pk__in=conversation_ids)


def _sums(rows: QuerySet[Any], path: str, ids: Ids, aggregate: Count) -> dict[uuid.UUID, int]:
    found = rows.filter(**{f"{path}__in": list(ids)}).order_by().values(path)
    return dict(found.annotate(figure=aggregate).values_list(path, "figure"))


def _images(ids: Ids) -> tuple[dict[uuid.UUID, set[uuid.UUID]], dict[uuid.UUID, uuid.UUID]]:
    """Return the images that sent messages show, and the first one, by conversation."""
    images: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    first: dict[uuid.UUID, uuid.UUID] = {}
    shown = MessageImage.objects.filter(
        message__conversation__in=list(ids), message__state=Message.State.SENT, message__deleted_at=None
    ).order_by("message_id", "position", "pk")
    for conversation_id, image_id in shown.values_list("message__conversation", "image"):
        images[conversation_id].add(image_id)
        first.setdefault(conversation_id, image_id)
    return images, first


def _usage(ids: Ids) -> dict[uuid.UUID, tuple[int, Decimal]]:
    """Return tokens and dollars, of deleted messages too: they were spent."""
    sums = Sum("prompt_tokens"), Sum("completion_tokens"), Sum("usd_spent")
    rows = Completion.objects.filter(conversation__in=list(ids)).order_by().values("conversation")
    found = rows.annotate(tokens_in=sums[0], tokens_out=sums[1], usd=sums[2])
    return {
        pk: ((tokens_in or 0) + (tokens_out or 0), usd or Decimal(0))
        for pk, tokens_in, tokens_out, usd in found.values_list(
            "conversation", "tokens_in", "tokens_out", "usd"
        )
    }


def _failed(ids: Ids) -> set[uuid.UUID]:
    """Return those with a reply that failed or was interrupted, also one that was retried since."""
    failed = Generation.objects.filter(
        status__in=ERRORS,
        message__conversation__in=list(ids),
        message__state=Message.State.SENT,
        message__deleted_at=None,
    )
    return set(failed.values_list("message__conversation", flat=True))


def verdicts(ids: Ids) -> dict[uuid.UUID, str]:
    """Return the verdict that counts: of current reviews and of resolutions, the latest.

    Of an item that was resolved, the resolution counts and no review.
    """
    reviews = Review.objects.filter(conversation__in=list(ids), is_current=True)
    of_others = reviews.filter(Q(assignment=None) | Q(assignment__item__resolutions=None))
    decided = Resolution.objects.filter(item__conversation__in=list(ids))
    latest: dict[uuid.UUID, _Verdict] = {}
    _keep_latest(latest, of_others.order_by().values_list("conversation", "created_at", "pk", "verdict"))
    _keep_latest(latest, decided.order_by().values_list("item__conversation", "created_at", "pk", "verdict"))
    return {pk: verdict for pk, (_, _, verdict) in latest.items()}


def _keep_latest(latest: dict[uuid.UUID, _Verdict], rows: Iterable[Any]) -> None:
    for pk, *of_row in rows:
        if pk not in latest or latest[pk][:2] < (of_row[0], of_row[1]):
            latest[pk] = (of_row[0], of_row[1], of_row[2])


def bad_feedback(ids: Ids) -> dict[uuid.UUID, int]:
    """Return how often answers were marked as bad."""
    bad = Feedback.objects.filter(
        mark=Feedback.Mark.BAD, message__state=Message.State.SENT, message__deleted_at=None
    )
    return _sums(bad, "message__conversation", ids, Count("pk"))


def open_reports(ids: Ids) -> dict[uuid.UUID, int]:
    """Return the number of reports that nobody has looked at."""
    return _sums(Report.objects.filter(handled_at=None), "conversation", ids, Count("pk"))
