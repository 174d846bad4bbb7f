"""The position of a conversation in a list of conversations, and its neighbours there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OrderBy, Q, QuerySet, Subquery

from vision_chat.models import Conversation
from vision_chat.services.reviews.queries import with_figures

Ordering = Sequence[Any]
"""Names of fields and annotations, with "-" where they sort downwards, and instances of OrderBy."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a conversation stands in a list. Its neighbours are known also where it has left the list."""

    number: int | None
    """Counted from 1; None for a conversation that the list does not have, or no longer."""
    total: int
    previous_id: UUID | None
    next_id: UUID | None


def position_of(
    conversation: Conversation,
    listed: QuerySet[Conversation],
    ordering: Ordering,
    everything: QuerySet[Conversation] | None = None,
) -> Position:
    """Find `conversation` among those `listed`, a queryset with figures, in this order, in three queries.

    `everything` has all conversations with what the order needs, where that is more than figures.

    Rows are compared with it by the keys of the order, so it need not be among them: a review may have
    taken it out of a list of what is not reviewed. The keys must be without NULL, and tell all rows apart.
    """
    keys = {f"key_{place}": _key(key) for place, key in enumerate(ordering)}
    keyed = listed.annotate(**{name: expression for name, (expression, _) in keys.items()})
    everything = with_figures(Conversation.objects.all()) if everything is None else everything
    own = everything.filter(pk=conversation.pk)
    before, after, equal = Q(), Q(), Q()
    for name, (expression, is_descending) in keys.items():
        value = Subquery(own.annotate(**{name: expression}).values(name))
        lesser, greater = ("gt", "lt") if is_descending else ("lt", "gt")
        before |= equal & Q(**{f"{name}__{lesser}": value})
        after |= equal & Q(**{f"{name}__{greater}": value})
        equal &= Q(**{name: value})
    counts = keyed.order_by().aggregate(
        total=Count("pk"),
        before=Count("pk", filter=before),
        own=Count("pk", filter=Q(pk=conversation.pk)),
    )
    in_order = keyed.order_by(*ordering)
    return Position(
        number=counts["before"] + 1 if counts["own"] else None,
        total=counts["total"],
        previous_id=_first_id(in_order.filter(before).reverse()),
        next_id=_first_id(in_order.filter(after)),
    )


def _key(key: str | OrderBy) -> tuple[Any, bool]:
    """Return the expression of a key, and whether it sorts downwards."""
    if isinstance(key, OrderBy):
        return key.expression, key.descending
    return F(key.removeprefix("-")), key.startswith("-")


def _first_id(conversations: QuerySet[Conversation]) -> UUID | None:
    return conversations.values_list("pk", flat=True).first()
