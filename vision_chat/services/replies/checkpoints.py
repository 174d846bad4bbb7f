"""What running replies write: their text by the clock, their end by claim. Called on the writer's thread."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from vision_chat.models import Generation, Message, rows
from vision_chat.models.generation import STALE_AFTER, Status


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The text of one running reply, all of it."""

    generation_id: int
    message_id: int
    text: str


def save(boot_id: str, running: Sequence[int], checkpoints: Sequence[Checkpoint]) -> set[int]:
    """Save texts and show life, in one transaction. Returns the running generations that were lost:
    somebody else has settled them (or their conversation is gone), so their tasks must end.
    """
    with transaction.atomic():
        mine = Generation.objects.running().filter(boot_id=boot_id, pk__in=running)
        held = set(mine.select_for_update().values_list("pk", flat=True))
        mine.update(heartbeat_at=timezone.now())
        _save_texts([checkpoint for checkpoint in checkpoints if checkpoint.generation_id in held])
    return set(running) - held


def _save_texts(checkpoints: Sequence[Checkpoint]) -> None:
    if not checkpoints:
        return
    table, text, key = (connection.ops.quote_name(name) for name in (Message._meta.db_table, "text", "id"))
    # one prepared statement for all: the ORM takes ten times as long, every second of every reply
    statement = f"UPDATE {table} SET {text} = %s WHERE {key} = %s"  # noqa: S608 - only names of ours
    with connection.cursor() as cursor:
        cursor.executemany(
            statement, [(checkpoint.text, checkpoint.message_id) for checkpoint in checkpoints]
        )


def settle(checkpoint: Checkpoint, status: Status, values: Mapping[str, object]) -> bool:
    """End a generation with its whole text, unless somebody else has ended it. Says who was first."""
    with transaction.atomic():
        generation = Generation(pk=checkpoint.generation_id)
        ended = {**values, "status": status, "finished_at": timezone.now()}
        claimed = rows.update(generation, ended, only_where={"status": Status.RUNNING})
        if claimed:
            rows.update(Message(pk=checkpoint.message_id), {"text": checkpoint.text}, only_where={})
    return claimed


def interrupt_orphans(boot_id: str, *, alone: bool, held: Collection[int] = ()) -> int:
    """Settle as interrupted what nobody writes any more. Returns how many.

    `held` are the running generations of this process: what else stands under its `boot_id` and has shown no
    life for a while was kept, but never begun. `alone`: no other process can be alive, so every other boot's
    rows are orphans at once; otherwise they too must have shown no life.
    """
    lost = Q(heartbeat_at__lt=timezone.now() - STALE_AFTER)
    if alone:
        lost |= ~Q(boot_id=boot_id)
    orphans = Generation.objects.running().filter(lost).exclude(pk__in=held)
    return orphans.update(status=Status.INTERRUPTED, finished_at=timezone.now())
