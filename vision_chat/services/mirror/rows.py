"""Replies of other processes as their rows have them. Called on a thread of the database."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models.functions import Length

from vision_chat.models import Feedback, Generation, Message
from vision_chat.models.generation import NO_PROCESS, Status
from vision_chat.models.message import parts_of
from vision_chat.services.presentation.footer import footer_html
from vision_chat.services.replies.live import End
from vision_chat.services.thoughts.division import Part, ReplySoFar, divide
from vision_chat.services.vision.family import Family, known_family


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A reply that runs in the process with this boot id, which is another one; NO_PROCESS where it waits."""

    message_id: int
    generation_id: int
    boot_id: str
    conversation_id: uuid.UUID

    @property
    def is_queued(self) -> bool:
        return self.boot_id == NO_PROCESS


@dataclass(frozen=True, slots=True)
class Look:
    """A glance at a reply: how long it is, of text and thoughts, and whether it runs."""

    where: Elsewhere
    is_running: bool
    length: int

    @property
    def is_queued(self) -> bool:
        return self.is_running and self.where.is_queued


@dataclass(frozen=True, slots=True)
class Row:
    """A reply as it was saved last. Its latest generation has written the last of the `parts`."""

    where: Elsewhere
    parts: Sequence[Part]
    before_ms: int
    """The time of thinking of the earlier generations."""
    thinking_ms: int | None
    family: Family
    is_of_part: bool
    end: End | None


def glance(message_ids: Collection[int]) -> dict[int, Look]:
    """Look at replies, without reading them. Those that are gone are left out."""
    generations = Generation.objects.filter(message__in=message_ids).order_by("pk")
    columns = ("pk", "message_id", "boot_id", "message__conversation_id", "status")
    found = generations.values_list(*columns, Length("message__text"), Length("thoughts"))
    looks: dict[int, Look] = {}
    thoughts: Counter[int] = Counter()
    for pk, message_id, boot_id, conversation_id, status, text_length, thoughts_length in found:
        thoughts[message_id] += thoughts_length
        where = Elsewhere(message_id, pk, boot_id, conversation_id)
        length = text_length + thoughts[message_id]
        looks[message_id] = Look(where, status == Status.RUNNING, length)
    return looks


def running(message_id: int) -> Elsewhere | None:
    """Return where a reply runs; None where it does not run."""
    generations = Generation.objects.running().filter(message=message_id)
    columns = ("message_id", "pk", "boot_id", "message__conversation_id")
    found = generations.order_by("-pk").values_list(*columns).first()
    return None if found is None else Elsewhere(*found)


def written(message_ids: Collection[int]) -> dict[int, ReplySoFar]:
    """Return what replies that run consist of, as they were saved last.

    Text and thoughts are read by one statement, so that they are of the same moment.
    """
    generations = Generation.objects.running().filter(message__in=message_ids).order_by("pk")
    found = generations.values_list("message_id", "message__text", "thoughts", "thinking_ms")
    return {message_id: ReplySoFar(text, thoughts, ms) for message_id, text, thoughts, ms in found}


def read(message_ids: Collection[int]) -> dict[int, Row]:
    """Read replies whole, with their ends."""
    generations = Generation.objects.filter(message__in=message_ids).select_related("message", "completion")
    by_message: dict[int, list[Generation]] = defaultdict(list)
    # text and thoughts by one statement, so that they are of the same moment
    for generation in generations.defer("completion__request", "logprobs").order_by("pk"):
        by_message[generation.message_id].append(generation)
    return {message_id: _row(of_reply) for message_id, of_reply in by_message.items()}


def _row(of_reply: Sequence[Generation]) -> Row:
    *earlier, generation = of_reply
    message, completion = generation.message, generation.completion
    return Row(
        where=Elsewhere(message.pk, generation.pk, generation.boot_id, message.conversation_id),
        parts=parts_of(message.text, [(each.starts_at, each.thoughts) for each in of_reply]),
        before_ms=sum(each.thinking_ms or 0 for each in earlier),
        thinking_ms=generation.thinking_ms,
        family=known_family(completion.family, completion.model_name),
        is_of_part=generation.tile is not None,
        end=None if generation.status == Status.RUNNING else _end(message.pk, generation.pk),
    )


def _end(message_id: int, generation_id: int) -> End | None:
    """Return the end of a reply; None where it is gone, or goes on by now."""
    message = Message.objects.with_details().filter(pk=message_id).first()
    generation = message.generation if message else None
    if message is None or generation is None or generation.pk != generation_id:
        return None
    marks = Feedback.objects.filter(message=message_id, person=generation.completion.person_id)
    footer = footer_html(
        generation,
        divide(message.parts()).answer,
        message.attached_images,
        [] if generation.tile is None else sorted(message.generations.all(), key=lambda each: each.pk),
        marks.values_list("mark", flat=True).first() or "",
    )
    return End(generation.status, footer)
