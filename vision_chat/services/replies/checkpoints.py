"""Writes of running replies: texts at intervals, ends by compare-and-set. Called on the writer's thread.

The transaction that saves the end of a reply also sends the message that waits for it.
"""

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.db import connection, transaction
from django.db.models import F, Model, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from vision_chat.models import Completion, Conversation, Feedback, Generation, Message
from vision_chat.models.generation import NO_OWNER, STALE_AFTER, Status
from vision_chat.services.figures import kept as figures
from vision_chat.services.figures.computed import ERRORS
from vision_chat.services.replies._outcomes import Outcome
from vision_chat.services.replies.dependencies import FollowUp
from vision_chat.services.replies.turn import Turn
from vision_chat.services.request_ids import id_of_call
from vision_chat.services.search.index import index_messages

FindFollowUp = Callable[[int], FollowUp | None]

_IS_STALE: Final = Q(heartbeat_at__lt=Now() - STALE_AFTER)
_IS_QUEUED: Final = Q(boot_id=NO_OWNER)


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
        _save_texts([checkpoint for checkpoint in checkpoints if checkpoint.generation_id in locked])
        unwanted = set(mine.unwanted().values_list("pk", flat=True))
    return ToEnd(set(running) - locked, unwanted)


def _save_texts(checkpoints: Sequence[Checkpoint]) -> None:
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


class Settled(NamedTuple):
    """A generation as it is after its end, with its completion; None where it was purged."""

    generation: Generation | None
    follow_up: FollowUp | None
    is_last: bool = True
    """False while another reply of the conversation runs, on another branch."""
    has_grown: bool = False
    """True where another process had settled it, with less than all of its text."""
    of_parts: Sequence[Generation] = ()
    """All generations of a reply that asked about parts one after the other, with their completions."""
    feedback: str = ""
    """The mark of a reply that was marked before it went on."""
    has_queued: bool = False
    """True where replies wait for a place."""


def settle(
    checkpoint: Checkpoint,
    outcome: Outcome,
    dispatch: FindFollowUp | None = None,
    rows: QuerySet[Generation] | None = None,
) -> Settled:
    """Save the end of a generation and its whole text, unless another process has settled it.

    Where it is settled here, `dispatch` sends the message that waits for it, if any. Only one of these `rows`
    is settled, of those that run.
    """
    follow_up, is_last, has_grown, has_queued = None, True, False, False
    with transaction.atomic():
        conversation = _hold_conversation(checkpoint.message_id)
        running = (Generation.objects.running() if rows is None else rows).filter(pk=checkpoint.generation_id)
        if conversation and _end(running, checkpoint, outcome, conversation):
            Message.objects.filter(pk=checkpoint.message_id).update(text=checkpoint.text)
            index_messages([checkpoint.message_id])
            is_last, has_queued = _others(conversation)
            follow_up = dispatch(checkpoint.message_id) if dispatch else None
        elif conversation:
            has_grown = _save_rest(checkpoint, conversation)
    rows = Generation.objects.for_pages()
    generation = rows.filter(pk=checkpoint.generation_id).first()
    is_of_part = generation is not None and generation.tile is not None
    of_parts = list(rows.filter(message=checkpoint.message_id).order_by("pk")) if is_of_part else []
    return Settled(generation, follow_up, is_last, has_grown, of_parts, _mark_of(generation), has_queued)


def _others(conversation: Conversation) -> tuple[bool, bool]:
    """Tell whether no other reply of the conversation runs, and whether replies wait for a place."""
    is_here = Q(message__conversation=conversation)
    others = Generation.objects.running().filter(is_here | _IS_QUEUED).order_by()
    found = set(others.values_list("message__conversation", "boot_id").distinct())
    is_last = all(where != conversation.pk for where, _ in found)
    return is_last, any(boot_id == NO_OWNER for _, boot_id in found)


class EndedInLine(NamedTuple):
    """The end of a reply that waited for a place, its owner and its conversation."""

    settled: Settled
    owner_id: int
    conversation_id: uuid.UUID


def end_queued(message_id: int, outcome: Outcome, dispatch: FindFollowUp | None = None) -> EndedInLine | None:
    """Save the end of a reply that waits for a place. Returns None where it does not, or a process has it."""
    queued = Generation.objects.queued().filter(message=message_id)
    found = queued.select_related("message__conversation").first()
    if found is None:
        return None
    checkpoint = Checkpoint(found.pk, message_id, found.message.text)
    settled = settle(checkpoint, outcome, dispatch, Generation.objects.queued())
    if settled.generation is not None and settled.generation.status == Status.RUNNING:
        return None
    conversation = found.message.conversation
    return EndedInLine(settled, conversation.owner_id, conversation.pk)


def _save_rest(checkpoint: Checkpoint, conversation: Conversation) -> bool:
    """Save what another process could not know when it took this one for dead, unless somebody went on."""
    message = Message.objects.filter(pk=checkpoint.message_id).with_details().first()
    latest = message.generation if message else None
    if message is None or latest is None or latest.pk != checkpoint.generation_id:
        return False
    lacks_text = len(message.text) < len(checkpoint.text)
    if latest.status != Status.INTERRUPTED or not (
        lacks_text or len(latest.thoughts) < len(checkpoint.thoughts)
    ):
        return False
    _save_texts([checkpoint])
    index_messages([checkpoint.message_id])
    figures.update(conversation.pk)
    return True


def _mark_of(generation: Generation | None) -> str:
    """Return the mark of a reply by the person who asked; one that has just been written has none."""
    if generation is None or generation.part == 0:
        return ""
    person = generation.completion.person_id
    given = Feedback.objects.filter(message=generation.message_id, person=person)
    return given.values_list("mark", flat=True).first() or ""


def _end(
    running: QuerySet[Generation], checkpoint: Checkpoint, outcome: Outcome, conversation: Conversation
) -> bool:
    """Save how a generation and its completion ended; return False where others have ended it already."""
    claimed = running.update(
        **outcome.generation,
        thoughts=checkpoint.thoughts,
        thinking_ms=checkpoint.thinking_ms,
        status=outcome.status,
        finished_at=timezone.now(),
    )
    if claimed:
        figures.add_usage(conversation.pk, checkpoint.generation_id, outcome.completion)
        if outcome.status in ERRORS:
            figures.mark_error(conversation.pk, checkpoint.message_id)
        completions = Completion.objects.filter(generations=checkpoint.generation_id)
        completions.update(**outcome.completion)
    return bool(claimed)


def add_choice(checkpoint: Checkpoint, index: int, boot_id: str) -> Generation | None:
    """Create the rows of another answer of a running generation's call: a sibling of its reply.

    Returns None where the generation has ended meanwhile, or its reply was deleted.
    """
    with transaction.atomic():
        _hold_conversation(checkpoint.message_id)
        running = Generation.objects.running().filter(pk=checkpoint.generation_id, message__deleted_at=None)
        first = running.select_related("message", "completion").first()
        if first is None:
            return None
        sibling = Message.objects.create(
            conversation_id=first.message.conversation_id,
            parent_id=first.message.parent_id,
            role=Message.Role.ASSISTANT,
        )
        Conversation.objects.filter(pk=sibling.conversation_id).update(tree_revision=F("tree_revision") + 1)
        figures.add_message(sibling.conversation_id)
        return Generation.objects.create(
            message=sibling,
            completion=first.completion,
            choice_index=index,
            boot_id=boot_id,
            heartbeat_at=Now(),
        )


def begin_next_part(
    checkpoint: Checkpoint, outcome: Outcome, turn: Turn, boot_id: str
) -> tuple[Generation, str] | None:
    """Save the end of a generation that was about one part of a picture, and create the rows of the next.

    Returns the new generation, and the heading that the text ends with from now on. None where the generation
    has ended meanwhile, or its reply was deleted.
    """
    part = turn.to_ask[0]
    heading = f"\n\n{part.heading}"
    with transaction.atomic():
        conversation = _hold_conversation(checkpoint.message_id)
        running = Generation.objects.running().filter(pk=checkpoint.generation_id, message__deleted_at=None)
        if conversation is None or not _end(running, checkpoint, outcome, conversation):
            return None
        text = checkpoint.text + heading
        Message.objects.filter(pk=checkpoint.message_id).update(text=text)
        generation = turn.generation
        asked = generation.completion
        completion = Completion.objects.create(
            conversation_id=asked.conversation_id,
            person_id=asked.person_id,
            endpoint=asked.endpoint,
            model_name=asked.model_name,
            family=asked.family,
            language_model_id=asked.language_model_id,
            parameters=turn.settings.parameters.to_json(),
            system_prompt=asked.system_prompt,
            request_id=id_of_call(),
        )
        begun = Generation.objects.create(
            message_id=checkpoint.message_id,
            completion=completion,
            boot_id=boot_id,
            heartbeat_at=Now(),
            # a stop that has come since is read at the next checkpoint
            is_stop_wanted=Generation.objects.filter(
                pk=checkpoint.generation_id, is_stop_wanted=True
            ).exists(),
            part=generation.part + 1,
            tile=part.tile,
            starts_at=len(text),
        )
    return begun, heading


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


def follow_up_on(reply_id: int, dispatch: FindFollowUp) -> FollowUp | None:
    """Send the message that waits for a reply that has ended already."""
    with transaction.atomic():
        _hold_conversation(reply_id)
        return dispatch(reply_id)


def _hold_conversation(message_id: int) -> Conversation | None:
    """Lock the conversation, before its generations as everywhere: a message may begin to wait just now."""
    rows = Conversation.objects.select_for_update(of=("self",), no_key=True)
    return rows.filter(messages=message_id).first()


class Orphan(NamedTuple):
    """A conversation with a reply whose process died, and its owner."""

    owner_id: int
    conversation_id: uuid.UUID


class Unowned(NamedTuple):
    """Whether there are generations that run and that no process runs."""

    has_stale: bool
    """True where one has shown no life for so long that its process may have died."""
    has_queued: bool
    """True where one waits for a place."""


def find_unowned() -> Unowned:
    """Look for generations that run and that no process runs."""
    found = Generation.objects.running().filter(_IS_QUEUED | _IS_STALE).order_by()
    boot_ids = set(found.values_list("boot_id", flat=True).distinct())
    return Unowned(bool(boot_ids - {NO_OWNER}), NO_OWNER in boot_ids)


def interrupt_orphans(boot_id: str, *, others_may_run: bool, own: Collection[int] = ()) -> list[Orphan]:
    """Settle running generations that no process writes any more as interrupted.

    `own` are the generations that run in this process, which are never orphans. All others are orphans once
    their heartbeat is stale. Where no other process can run, those of another `boot_id` are orphans at once.
    Those that wait for a place are none.
    """
    is_orphan = _IS_STALE
    if not others_may_run:
        is_orphan |= ~Q(boot_id=boot_id)
    with transaction.atomic():
        found = Generation.objects.owned().filter(is_orphan).exclude(pk__in=own).select_for_update()
        orphans = dict(found.values_list("pk", "message_id"))
        ended = Generation.objects.running().filter(pk__in=orphans)
        if not ended.update(status=Status.INTERRUPTED, finished_at=timezone.now()):
            return []
        index_messages(set(orphans.values()))
        replies = Message.objects.filter(pk__in=orphans.values())
        found_in = [Orphan(*ids) for ids in replies.values_list("conversation__owner", "conversation")]
        figures.update(*{orphan.conversation_id for orphan in found_in})
        return found_in
