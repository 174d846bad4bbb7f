"""The position of a conversation in a list of conversations, and its neighbours there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import OrderBy, Q, QuerySet

from vision_chat.models import Conversation
from vision_chat.services.reviews.queries import MOST, counted, with_figures

Ordering = Sequence[Any]
"""Names of fields and annotations, with "-" where they sort downwards, or ordered instances of F."""


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
    value: Any
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
    """Find `conversation` among those `listed`, a queryset with figures, in this order, in six queries.

    `everything` has all conversations with what the order needs, where that is more than figures.

    Rows are compared with it by the keys of the order, so it need not be among them: a review may have
    taken it out of a list of what is not reviewed. The keys must be without NULL, and tell all rows apart.
    """
    everything = with_figures(Conversation.objects.all()) if everything is None else everything
    names = [_name_of(key) for key in ordering]
    # read first: as subqueries they would be in each condition below, with all that makes them
    values = (
        everything.filter(pk=conversation.pk).order_by().values_list(*[name for name, _ in names]).first()
    )
    total = counted(listed)
    if values is None:
        return Position(None, total, None, None)
    keys = [_key(name, value, is_descending=down) for (name, down), value in zip(names, values, strict=True)]
    before = listed.filter(_beside(keys, [key.before for key in keys]))
    after = listed.filter(_beside(keys, [key.after for key in keys]))
    is_listed = listed.filter(pk=conversation.pk).exists()
    return Position(
        number=min(counted(before) + 1, MOST + 1) if is_listed else None,
        total=total,
        previous_id=_first_id(before.order_by(*ordering).reverse()),
        next_id=_first_id(after.order_by(*ordering)),
    )


def _name_of(key: str | OrderBy) -> tuple[str, bool]:
    """Return the name of the field or annotation, and whether it sorts downwards."""
    if isinstance(key, OrderBy):
        field: Any = key.expression
        return field.name, key.descending
    return key.removeprefix("-"), key.startswith("-")


def _key(name: str, value: Any, *, is_descending: bool) -> _Key:
    lesser, greater = ("__gt", "__lt") if is_descending else ("__lt", "__gt")
    return _Key(name, value, lesser, greater)


def _beside(keys: Sequence[_Key], comparisons: Iterable[str]) -> Q:
    """Return the condition that a row stands on the side of the conversation that is compared for."""
    beside, equal = Q(), Q()
    bound = Q()
    for key, comparison in zip(keys, comparisons, strict=True):
        beside |= equal & key.is_(comparison)
        equal &= key.is_("")
        # follows from the rest, but is a part of an index, which alternatives are not
        bound = bound or key.is_(f"{comparison}e")
    return bound & beside


def _first_id(conversations: QuerySet[Conversation]) -> UUID | None:
    return conversations.values_list("pk", flat=True).first()
