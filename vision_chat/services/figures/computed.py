"""Figures as the rows of conversations have them: the definition of what is kept."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum

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
from vision_chat.services.figures.counting import Said, that_counts

ERRORS = (Status.FAILED, Status.INTERRUPTED)

Ids = Collection[uuid.UUID]


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
    """Return the verdict that counts, of those that have one."""
    reviews = Review.objects.filter(conversation__in=list(ids), is_current=True).order_by()
    decided = Resolution.objects.filter(item__conversation__in=list(ids)).order_by()
    item = "assignment__item"
    said: dict[uuid.UUID, list[Said]] = defaultdict(list)
    for pk, verdict, moment, key, item_id, wanted in reviews.values_list(
        "conversation", "verdict", "created_at", "pk", item, f"{item}__reviewers_wanted"
    ):
        said[pk].append(Said(verdict, moment, key, item_id, wanted or 1))
    for pk, verdict, moment, key in decided.values_list("item__conversation", "verdict", "created_at", "pk"):
        said[pk].append(Said(verdict, moment, key, is_decision=True))
    counting = {pk: that_counts(of_one) for pk, of_one in said.items()}
    return {pk: each.verdict for pk, each in counting.items() if each}


def bad_feedback(ids: Ids) -> dict[uuid.UUID, int]:
    """Return how often answers were marked as bad."""
    bad = Feedback.objects.filter(
        mark=Feedback.Mark.BAD, message__state=Message.State.SENT, message__deleted_at=None
    )
    return _sums(bad, "message__conversation", ids, Count("pk"))


def open_reports(ids: Ids) -> dict[uuid.UUID, int]:
    """Return the number of reports that nobody has looked at."""
    return _sums(Report.objects.filter(handled_at=None), "conversation", ids, Count("pk"))
