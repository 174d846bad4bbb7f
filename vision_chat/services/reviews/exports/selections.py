"""Selections: which conversations, or which items of a queue, and the door through which they are read.

A few bytes of each are in memory, whatever else it has. Rows are read in batches, by statements that end
with their batch; what was deleted meanwhile is left out, and so is what may no longer be read.
"""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from vision_chat.models import Conversation, ReviewItem, permissions
from vision_chat.services.review_queues.blindness import blind_id_of

BATCH = 100
READ_AT_ONCE = 2000
ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Readable:
    """What may be read now."""

    conversations: QuerySet[Conversation]
    blind_id: int | None = None
    """The reviewer who sees verdicts of others on an item of a blind queue only after their own."""


Door = Callable[[], Readable]


@dataclass(frozen=True, slots=True)
class Selected:
    """One conversation, or what an item of a queue covers of it."""

    conversation_id: UUID
    item: ReviewItem | None = None


class Selection(Protocol):
    """What is exported, in its order."""

    @property
    def door(self) -> Door: ...

    def __len__(self) -> int: ...

    def batches(self) -> Iterator[list[Selected]]: ...

    def conversation_ids(self) -> Iterator[list[UUID]]:
        """Yield the conversations in batches, each as often as it is selected."""
        ...


class ConversationSelection:
    """Those of these conversations that may be read, in their order. The order is kept, whatever happens."""

    def __init__(self, conversations: QuerySet[Conversation], door: Door) -> None:
        self.door = door
        self._ids = bytearray()
        readable = conversations.filter(pk__in=door().conversations.values("pk"))
        for pk in readable.values_list("pk", flat=True).iterator(READ_AT_ONCE):
            self._ids += pk.bytes

    def __len__(self) -> int:
        return len(self._ids) // ID_BYTES

    def batches(self) -> Iterator[list[Selected]]:
        for ids in self.conversation_ids():
            yield [Selected(pk) for pk in ids]

    def conversation_ids(self) -> Iterator[list[UUID]]:
        for start in range(0, len(self._ids), BATCH * ID_BYTES):
            batch = bytes(self._ids[start : start + BATCH * ID_BYTES])
            yield [UUID(bytes=batch[at : at + ID_BYTES]) for at in range(0, len(batch), ID_BYTES)]


class ItemSelection:
    """Those of these items of queues whose conversations may be read, by their numbers."""

    def __init__(self, items: QuerySet[ReviewItem], door: Door) -> None:
        self.door = door
        readable = items.filter(conversation__in=door().conversations.values("pk")).order_by("pk")
        self._ids = array("q", readable.values_list("pk", flat=True).iterator(READ_AT_ONCE))

    def __len__(self) -> int:
        return len(self._ids)

    def batches(self) -> Iterator[list[Selected]]:
        for start in range(0, len(self._ids), BATCH):
            kept = ReviewItem.objects.exclude(conversation=None).select_related("version__rubric_version")
            found = kept.in_bulk(list(self._ids[start : start + BATCH]))
            yield [Selected(item.conversation_id, item) for _, item in sorted(found.items())]  # type: ignore[arg-type]  # not None

    def conversation_ids(self) -> Iterator[list[UUID]]:
        for batch in self.batches():
            yield [selected.conversation_id for selected in batch]


def of_person(person: AbstractBaseUser | AnonymousUser) -> Door:
    """Return the door of somebody who exports. Rights are read anew each time: they may be lost meanwhile."""

    def readable() -> Readable:
        now = get_user_model().objects.filter(pk=person.pk or 0).first()
        if now is None or not now.has_perm(permissions.VIEW_CONVERSATIONS):
            return Readable(Conversation.objects.none())
        return Readable(Conversation.objects.reviewable_whole_by(now).begun(), blind_id_of(now))

    return readable


def of_server() -> Door:
    """Return the door of whoever administers the server: everything that is neither deleted nor sealed."""
    return lambda: Readable(Conversation.objects.filter(deleted_at=None).begun().unsealed())
