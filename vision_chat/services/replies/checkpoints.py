"""Writes of running replies at intervals: texts and signs of life. Called on the writer's thread.

How a reply ends is `ends`, what goes on beside or after it `_further`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Model
from django.db.models.functions import Now

from vision_chat.models import Conversation, Generation, Message


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The whole text of one running reply at some moment, and the thoughts of its latest generation."""

    generation_id: int
    message_id: int
    text: str
    thoughts: str = ""
    thinking_ms: int | None = None


class ToEnd(NamedTuple):
    """Ids of generations whose tasks must end."""

    lost: set[int]
    """Another process has settled them, or their rows have gone."""
    unwanted: set[int]
    """They were stopped or deleted, their conversation was deleted, or their person's account was closed."""


def save(boot_id: str, running: Sequence[int], checkpoints: Sequence[Checkpoint]) -> ToEnd:
    """Save texts and heartbeats in one transaction. Returns which generations of `running` must end."""
    with transaction.atomic():
        mine = Generation.objects.running().filter(boot_id=boot_id, pk__in=running)
        locked = set(mine.select_for_update().values_list("pk", flat=True))
        mine.update(heartbeat_at=Now())
        save_texts([checkpoint for checkpoint in checkpoints if checkpoint.generation_id in locked])
        unwanted = set(mine.unwanted().values_list("pk", flat=True))
    return ToEnd(set(running) - locked, unwanted)


def save_texts(checkpoints: Sequence[Checkpoint]) -> None:
    """Save texts, and thoughts where there are any."""
    if not checkpoints:
        return
    # `executemany`, because the ORM takes ten times as long, each second for each reply
    with connection.cursor() as cursor:
        texts = [(checkpoint.text, checkpoint.message_id) for checkpoint in checkpoints]
        cursor.executemany(_update(Message, "text"), texts)
        thoughts = [
            (checkpoint.thoughts, checkpoint.thinking_ms, checkpoint.generation_id)
            for checkpoint in checkpoints
            if checkpoint.thinking_ms is not None or checkpoint.thoughts
        ]
        if thoughts:
            cursor.executemany(_update(Generation, "thoughts", "thinking_ms"), thoughts)


def _update(model: type[Model], *columns: str) -> str:
    """Return the statement that sets these columns of one row."""
    quoted = connection.ops.quote_name
    values = ", ".join(f"{quoted(column)} = %s" for column in columns)
    return f"UPDATE {quoted(model._meta.db_table)} SET {values} WHERE {quoted('id')} = %s"  # noqa: S608 - names of the model only


def want_stopped(message_ids: Collection[int]) -> dict[int, str]:
    """Write on running replies that they are to be stopped, and return the boot ids of their processes.

    Each reads it at its next checkpoint.
    """
    with transaction.atomic():
        conversations = Conversation.objects.filter(messages__in=message_ids)
        locked = Conversation.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
        list(locked.filter(pk__in=conversations.values("pk")))  # as one part may just end, and another begin
        running = Generation.objects.running().filter(message__in=message_ids)
        running.update(is_stop_wanted=True)
        return dict(running.values_list("message_id", "boot_id"))


def hold_conversation(message_id: int) -> Conversation | None:
    """Lock the conversation, before its generations as everywhere: a message may begin to wait just now."""
    rows = Conversation.objects.select_for_update(of=("self",), no_key=True)
    return rows.filter(messages=message_id).first()
