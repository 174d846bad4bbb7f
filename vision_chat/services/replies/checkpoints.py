"""What running replies write: their text by the clock, their end by claim. Called on the writer's thread."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from vision_chat.models import Completion, Generation, Message
from vision_chat.models.generation import STALE_AFTER, Status


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The whole text of one running reply."""

    generation_id: int
    message_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a generation ended: the columns of its row, and those of its completion."""

    status: Status
    generation: Mapping[str, object]
    completion: Mapping[str, object]


def save(boot_id: str, running: Sequence[int], checkpoints: Sequence[Checkpoint]) -> set[int]:
    """Save texts and show life, in one transaction. Returns the running generations that were lost:
    another process has settled them (or their conversation is gone), so their tasks must end.
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


def settle(checkpoint: Checkpoint, outcome: Outcome) -> Generation | None:
    """End a generation with its whole text, unless another process has ended it.

    Returns the row as it stands now, with its completion; None where its conversation is gone.
    """
    with transaction.atomic():
        running = Generation.objects.running().filter(pk=checkpoint.generation_id)
        claimed = running.update(**outcome.generation, status=outcome.status, finished_at=timezone.now())
        if claimed:
            Message.objects.filter(pk=checkpoint.message_id).update(text=checkpoint.text)
            completions = Completion.objects.filter(generations=checkpoint.generation_id)
            completions.update(**outcome.completion)
    return Generation.objects.select_related("completion").filter(pk=checkpoint.generation_id).first()


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
