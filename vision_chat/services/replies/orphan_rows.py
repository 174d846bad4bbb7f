"""Generations that run by their rows, and that no process runs any more. Called on the writer's thread."""

import uuid
from collections.abc import Collection
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from vision_chat.models import Generation
from vision_chat.models.generation import NO_PROCESS, STALE_AFTER, Status
from vision_chat.services.figures import kept as figures
from vision_chat.services.search.index import index_messages

_IS_STALE: Final = Q(heartbeat_at__lt=Now() - STALE_AFTER)


class Orphan(NamedTuple):
    """A conversation with a reply whose process died, its person, and the name of the model that wrote it."""

    person_id: int
    conversation_id: uuid.UUID
    model_name: str


class Unrun(NamedTuple):
    """Whether there are generations that run and that no process runs."""

    has_stale: bool
    """True where one has shown no life for so long that its process may have died."""
    has_queued: bool
    """True where one waits for a slot."""


def find_unrun() -> Unrun:
    """Look for generations that run and that no process runs."""
    found = Generation.objects.running().filter(Q(boot_id=NO_PROCESS) | _IS_STALE).order_by()
    boot_ids = set(found.values_list("boot_id", flat=True).distinct())
    return Unrun(bool(boot_ids - {NO_PROCESS}), NO_PROCESS in boot_ids)


def interrupt_orphans(boot_id: str, *, others_may_run: bool, own: Collection[int] = ()) -> list[Orphan]:
    """Settle running generations that no process writes any more as interrupted.

    `own` are the generations that run in this process, which are never orphans. All others are orphans once
    their heartbeat is stale. Where no other process can run, those of another `boot_id` are orphans at once.
    Those that wait for a slot are none.
    """
    is_orphan = _IS_STALE
    if not others_may_run:
        is_orphan |= ~Q(boot_id=boot_id)
    with transaction.atomic():
        found = Generation.objects.taken().filter(is_orphan).exclude(pk__in=own).select_for_update()
        ids = dict(found.values_list("pk", "message_id"))
        ended = Generation.objects.running().filter(pk__in=ids)
        if not ended.update(status=Status.INTERRUPTED, finished_at=timezone.now()):
            return []
        index_messages(set(ids.values()))
        columns = ("message__conversation__owner", "message__conversation", "completion__model_name")
        rows = Generation.objects.filter(pk__in=ids).order_by("pk").values_list(*columns)
        orphans = [Orphan(*row) for row in rows]
        figures.update(*{orphan.conversation_id for orphan in orphans})
        return orphans
