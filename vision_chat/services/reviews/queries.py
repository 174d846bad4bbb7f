"""Queries over everybody's conversations for administrators, each in a fixed number of SQL queries."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from vision_chat.models import Completion, Conversation, Message, Review, RubricVerdict, UploadedImage
from vision_chat.models.conversation import ConversationQuerySet

MOST: Final = 1000
"""Number up to which rows are counted: a database reads what it counts."""

_MODEL_NAMES: Final = """
    WITH RECURSIVE named(name) AS (
        SELECT MIN(model_name) FROM vision_chat_completion
        UNION ALL
        SELECT (SELECT MIN(later.model_name) FROM vision_chat_completion later
                WHERE later.model_name > named.name)
        FROM named WHERE named.name IS NOT NULL
    )
    SELECT name FROM named WHERE name IS NOT NULL
"""


def reviewable() -> ConversationQuerySet:
    """Return everybody's conversations, without deleted ones."""
    return Conversation.objects.filter(deleted_at=None).begun()


def with_figures(conversations: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Read conversations that have begun together with their figures, by which they can be sorted."""
    # a condition makes the join an inner one: then the database may begin with an index of the figures
    return conversations.filter(figures__isnull=False).select_related("figures")


def counted(rows: QuerySet[Any], most: int = MOST) -> int:
    """Return the number of rows; `most` + 1 stands for any number above `most`."""
    return rows.order_by().values("pk")[: most + 1].count()


def used_model(model_name: str) -> Exists:
    """Return the condition that this model was asked at least once."""
    return Exists(Completion.objects.filter(conversation=OuterRef("pk"), model_name=model_name))


def model_names() -> list[str]:
    """Return the names of all models that were ever asked, in their order."""
    # from name to name in the index; to sort out equal ones would read every completion
    with connection.cursor() as cursor:
        cursor.execute(_MODEL_NAMES)
        return [name for (name,) in cursor.fetchall()]


def verdict_values() -> list[str]:
    """Return the verdicts of the default rubric, and after them those of all others."""
    others = RubricVerdict.objects.exclude(value__in=Review.Verdict.values).order_by("value")
    return [*Review.Verdict.values, *others.values_list("value", flat=True).distinct()]


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
