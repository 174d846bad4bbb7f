"""The position of a conversation in a list of conversations, and its neighbours there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, OrderBy, Q, QuerySet, Subquery

from vision_chat.models import Conversation
from vision_chat.services.reviews.queries import MOST, counted, with_figures

Ordering = Sequence[Any]
"""Names of fields, with "-" where they sort downwards, and instances of OrderBy."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a conversation stands in a list. Its neighbours are known also where it has left the list.

    `MOST` + 1 stands for any larger number or total.
    """

    number: int | None
    """Counted from 1; None for a conversation that the list does not have, or no longer."""
    total: int
    previous_id: UUID | None
    next_id: UUID | None

    @property
    def most(self) -> int:
        return MOST

    @property
    def has_more(self) -> bool:
        """Tell whether the list is longer than is counted."""
        return self.total > MOST

    @property
    def is_beyond(self) -> bool:
        """Tell whether the conversation stands further down than is counted."""
        return self.number is not None and self.number > MOST


@dataclass(frozen=True, slots=True)
class _Key:
    """A key of the order, the conversation's value of it, and the names of the comparisons with that."""

    name: str
    expression: Any
    value: Subquery
    before: str
    after: str

    def is_(self, comparison: str) -> Q:
        return Q(**{f"{self.name}{comparison}": self.value})


def position_of(
    conversation: Conversation,
    listed: QuerySet[Conversation],
    ordering: Ordering,
    everything: QuerySet[Conversation] | None = None,
) -> Position:
    """Find `conversation` among those `listed`, a queryset with figures, in this order, in five queries.

    `everything` has all conversations with what the order needs, where that is more than figures.

    Rows are compared with it by the keys of the order, so it need not be among them: a review may have
    taken it out of a list of what is not reviewed. The keys must be without NULL, and tell all rows apart.
    """
    everything = with_figures(Conversation.objects.all()) if everything is None else everything
    own = everything.filter(pk=conversation.pk)
    keys = [_key(place, key, own) for place, key in enumerate(ordering)]
    keyed = listed.annotate(**{key.name: key.expression for key in keys})
    before = keyed.filter(_beside(keys, [key.before for key in keys]))
    after = keyed.filter(_beside(keys, [key.after for key in keys]))
    is_listed = listed.filter(pk=conversation.pk).exists()
    return Position(
        number=min(counted(before) + 1, MOST + 1) if is_listed else None,
        total=counted(listed),
        previous_id=_first_id(before.order_by(*ordering).reverse()),
        next_id=_first_id(after.order_by(*ordering)),
    )


def _key(place: int, key: str | OrderBy, own: QuerySet[Conversation]) -> _Key:
    expression: Any
    if isinstance(key, OrderBy):
        expression, is_descending = key.expression, key.descending
    else:
        expression, is_descending = F(key.removeprefix("-")), key.startswith("-")
    name = f"key_{place}"
    lesser, greater = ("__gt", "__lt") if is_descending else ("__lt", "__gt")
    value = Subquery(own.annotate(**{name: expression}).values(name))
    return _Key(name, expression, value, lesser, greater)


def _beside(keys: Sequence[_Key], comparisons: Iterable[str]) -> Q:
    """Return the condition that a row stands on the side of the conversation that is compared for."""
    beside, equal = Q(), Q()
    for key, comparison in zip(keys, comparisons, strict=True):
        beside |= equal & key.is_(comparison)
        equal &= key.is_("")
        if key is keys[0]:
            # follows from the rest, but is a part of an index, which alternatives are not
            bound = key.is_(f"{comparison}e")
    return bound & beside


def _first_id(conversations: QuerySet[Conversation]) -> UUID | None:
    return conversations.values_list("pk", flat=True).first()
