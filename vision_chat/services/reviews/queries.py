"""Queries over everybody's conversations for administrators, each in a fixed number of SQL queries."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery, Sum, UUIDField
from django.db.models.functions import Coalesce

from vision_chat.models import (
    Completion,
    Conversation,
    Generation,
    Message,
    MessageImage,
    Review,
    UploadedImage,
)
from vision_chat.models.conversation import ConversationQuerySet
from vision_chat.models.generation import Status

_ERRORS = (Status.FAILED, Status.INTERRUPTED)


class ConversationFigures(Protocol):
    """The attributes that `with_figures` adds to a conversation.

    Tokens and cost are None where no endpoint has reported them, the verdict before the first review, the
    first image where there is none.
    """

    message_count: int
    image_count: int
    token_count: int | None
    usd_spent: Decimal | None
    verdict: str | None
    first_image_id: UUID | None


def reviewable() -> ConversationQuerySet:
    """Return everybody's conversations, without deleted ones."""
    return Conversation.objects.filter(deleted_at=None).begun()


def with_figures(conversations: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Annotate conversations with their `ConversationFigures`.

    By subqueries, because joins to several relations would multiply each other's rows.
    """
    counted = Completion.objects.exclude(prompt_tokens=None, completion_tokens=None)
    tokens = Sum(Coalesce(F("prompt_tokens"), 0) + Coalesce(F("completion_tokens"), 0))
    attached = _sent_images().filter(message__conversation=OuterRef("pk"))
    first_image = attached.order_by("message_id", "position").values("image_id")
    return with_verdict(conversations).annotate(
        message_count=Coalesce(_figure(Message.objects.sent(), "conversation", Count("pk")), 0),
        image_count=Coalesce(
            _figure(_sent_images(), "message__conversation", Count("image", distinct=True)), 0
        ),
        token_count=_figure(counted, "conversation", tokens),
        usd_spent=_figure(Completion.objects.all(), "conversation", Sum("usd_spent")),
        first_image_id=Subquery(first_image[:1], output_field=UUIDField()),
    )


def _sent_images() -> QuerySet[MessageImage]:
    return MessageImage.objects.filter(message__in=Message.objects.sent())


def with_verdict(conversations: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Annotate conversations with the verdict that counts, which is the latest."""
    verdicts = Review.objects.filter(conversation=OuterRef("pk")).order_by("-pk").values("verdict")
    return conversations.annotate(verdict=Subquery(verdicts[:1]))


def _figure(rows: QuerySet[Any], path: str, aggregate: Count | Sum) -> Subquery:
    """Return the aggregate over those `rows` whose `path` leads to the conversation."""
    own = rows.filter(**{path: OuterRef("pk")}).order_by().values(path)
    return Subquery(own.annotate(figure=aggregate).values("figure"))


def has_images() -> Exists:
    """Return the condition that an image is attached to a message."""
    return Exists(_sent_images().filter(message__conversation=OuterRef("pk")))


def has_errors() -> Exists:
    """Return the condition that a reply failed or was interrupted, also one that was retried since."""
    return _has_generation(status__in=_ERRORS)


def having_errors() -> ConversationQuerySet:
    """Return the conversations of which `has_errors` holds, found from the errors, which are few."""
    failed = Generation.objects.filter(status__in=_ERRORS)
    return reviewable().filter(pk__in=failed.values("message__conversation"))


def used_model(model_name: str) -> Exists:
    """Return the condition that this model was asked at least once."""
    return Exists(Completion.objects.filter(conversation=OuterRef("pk"), model_name=model_name))


def _has_generation(**conditions: object) -> Exists:
    return Exists(Generation.objects.filter(message__conversation=OuterRef("pk"), **conditions))


def latest_owners(limit: int) -> list[str]:
    """Return the names of people who have conversations, those first who were active last."""
    own = reviewable().filter(owner=OuterRef("pk")).order_by("-updated_at").values("updated_at")
    # person by person, which an index answers; to group all conversations by owner would read them all
    people = get_user_model().objects.annotate(latest=Subquery(own[:1])).exclude(latest=None)
    return list(people.order_by("-latest", "-pk").values_list("username", flat=True)[:limit])


def count_contents(conversation_ids: Sequence[UUID]) -> tuple[int, int]:
    """Return the number of messages and of images of these conversations."""
    messages = Message.objects.filter(conversation__in=conversation_ids)
    images = UploadedImage.objects.filter(messages__conversation__in=conversation_ids)
    return messages.count(), images.distinct().count()
