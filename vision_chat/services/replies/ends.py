"""The ends of replies, by compare-and-set. Called on the writer's thread.

The transaction that saves the end of a reply also sends the message that waits for it.
"""

import uuid
from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from vision_chat.models import Completion, Conversation, Feedback, Generation, Message
from vision_chat.models.generation import NO_PROCESS, Status
from vision_chat.services.figures import kept as figures
from vision_chat.services.figures.computed import ERRORS
from vision_chat.services.replies._outcomes import Outcome
from vision_chat.services.replies.checkpoints import Checkpoint, hold_conversation, save_texts
from vision_chat.services.replies.dependencies import FollowUp
from vision_chat.services.search.index import index_messages

FindFollowUp = Callable[[int], FollowUp | None]


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
    """True where replies wait for a slot."""


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
        conversation = hold_conversation(checkpoint.message_id)
        running = (Generation.objects.running() if rows is None else rows).filter(pk=checkpoint.generation_id)
        if conversation and end_generation(running, checkpoint, outcome, conversation):
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
    """Tell whether no other reply of the conversation runs, and whether replies wait for a slot."""
    is_here = Q(message__conversation=conversation)
    others = Generation.objects.running().filter(is_here | Q(boot_id=NO_PROCESS)).order_by()
    found = set(others.values_list("message__conversation", "boot_id").distinct())
    is_last = all(where != conversation.pk for where, _ in found)
    return is_last, any(boot_id == NO_PROCESS for _, boot_id in found)


class EndedInLine(NamedTuple):
    """The end of a reply that waited for a slot, its person and its conversation."""

    settled: Settled
    person_id: int
    conversation_id: uuid.UUID


def end_queued(message_id: int, outcome: Outcome, dispatch: FindFollowUp | None = None) -> EndedInLine | None:
    """Save the end of a reply that waits for a slot. Returns None where it does not, or a process has it."""
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
    save_texts([checkpoint])
    index_messages([checkpoint.message_id])
    figures.update(conversation.pk)
    # status and leaf are the same as before: a page that is not told would not notice
    Conversation.objects.filter(pk=conversation.pk).update(tree_revision=F("tree_revision") + 1)
    return True


def _mark_of(generation: Generation | None) -> str:
    """Return the mark of a reply by the person who asked; one that has just been written has none."""
    if generation is None or generation.part == 0:
        return ""
    person = generation.completion.person_id
    given = Feedback.objects.filter(message=generation.message_id, person=person)
    return given.values_list("mark", flat=True).first() or ""


def end_generation(
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


def follow_up_on(reply_id: int, dispatch: FindFollowUp) -> FollowUp | None:
    """Send the message that waits for a reply that has ended already."""
    with transaction.atomic():
        hold_conversation(reply_id)
        return dispatch(reply_id)
