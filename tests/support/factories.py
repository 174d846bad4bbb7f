"""Conversations as rows, without a turn, an endpoint or a picture worker."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.color import no_style
from django.db import connection
from django.utils import timezone

from vision_chat.models import (
    Completion,
    Conversation,
    Generation,
    Message,
    MessageImage,
    Review,
    UploadedImage,
    WaitingMessage,
)
from vision_chat.models.completion import summary_of
from vision_chat.models.generation import Status
from vision_chat.services.figures import kept as figures
from vision_chat.services.images.encoding import Rendition
from vision_chat.services.images.processing import Processed
from vision_chat.services.search import rebuild
from vision_chat.services.search.index import index_messages, index_title
from vision_chat.services.uploads import storage
from vision_chat.services.vision.recipes import recipe_for
from vision_chat.services.vision.request_rules import request_rules

MODEL = "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo"


def conversation(owner: User, title: str = "Stairs", days_ago: float = 0, **values: Any) -> Conversation:
    """An empty one."""
    moment = timezone.now() - timedelta(days=days_ago)
    made = Conversation.objects.create(
        owner=owner, title=title, created_at=moment, updated_at=moment, **values
    )
    figures.update(made.pk)
    return made


def turn(
    inside: Conversation, text: str = "What is this?", answer: str = "A staircase.", **generation: Any
) -> Message:
    """A question at the end of the conversation and its answer, which is returned."""
    question = Message.objects.create(
        conversation=inside, parent=inside.leaf, role=Message.Role.USER, text=text, author=inside.owner
    )
    return reply(question, answer, **generation)


def reply(question: Message, text: str, **generation: Any) -> Message:
    """One answer to the question; a second one is a second branch. The last one is what the owner sees."""
    answer = Message.objects.create(
        conversation=question.conversation, parent=question, role=Message.Role.ASSISTANT, text=text
    )
    values: dict[str, Any] = {"status": Status.COMPLETED, "model_name": MODEL, "finish_reason": "stop"}
    add_generation(answer, **(values | generation))
    question.conversation.leaf = answer
    question.conversation.save(update_fields=["leaf"])
    return answer


def waiting_for(reply: Message, text: str = "And then?", *images: UploadedImage) -> Message:
    """The message that waits for this reply; made where there is none."""
    owner = reply.conversation.owner
    message, is_new = Message.objects.get_or_create(
        conversation=reply.conversation,
        parent=reply,
        role=Message.Role.USER,
        state=Message.State.WAITING,
        author=owner,
        defaults={"text": text},
    )
    if is_new:
        settings = {"model_name": MODEL, "parameters": {}, "system_prompt": ""}
        WaitingMessage.objects.create(message=message, settings=settings)
        attach(message, *images)
    return message


def add_generation(answer: Message, **values: Any) -> Generation:
    """A generation of this reply, with its completion; `values` are columns of either."""
    columns = {field.name for field in Completion._meta.get_fields()} - {"created_at"}
    of_completion = {name: value for name, value in values.items() if name in columns}
    of_completion["request_summary"] = summary_of(values.get("request", ()))
    completion = Completion.objects.create(
        conversation=answer.conversation, person=answer.conversation.owner, **of_completion
    )
    of_generation = {name: value for name, value in values.items() if name not in columns}
    generation = Generation.objects.create(message=answer, completion=completion, **of_generation)
    figures.update(answer.conversation_id)
    return generation


def review(conversation: Conversation, verdict: str, **values: Any) -> Review:
    """A review outside queues, beside earlier ones, which stay current."""
    made = Review.objects.create(conversation=conversation, verdict=verdict, **values)
    figures.update_verdict(conversation.pk)
    return made


def index(*conversations: Conversation) -> None:
    """Index them for search, as the product does by itself when something is said."""
    for conversation in conversations:
        index_messages(list(conversation.messages.values_list("pk", flat=True)))
        index_title(conversation)


def index_all() -> None:
    """Index all that there is, as a server does beside its work after its start."""
    for titles in rebuild.batches_of_titles():
        rebuild.repair_titles(titles)
    for images in rebuild.batches_of_images():
        rebuild.repair_images(images)
    for messages in rebuild.batches_of_messages():
        rebuild.repair_messages(messages)


def image(owner: User, name: str = "stairs.jpg") -> UploadedImage:
    """An uploaded image with its files, which hold no image, and its copy for the default model."""
    rendition = Rendition(data=b"bytes", content_type="image/webp", extension="webp", width=40, height=30)
    processed = Processed(
        original=rendition,
        thumbnail=rendition,
        copy=rendition,
        recipe=recipe_for(request_rules("", "fake/vision"), 40, 30),
        source_format="WEBP",
    )
    return storage.store(owner, name, processed)


def attach(message: Message, *images: UploadedImage) -> None:
    MessageImage.objects.bulk_create(
        MessageImage(message=message, image=image, position=position) for position, image in enumerate(images)
    )
    figures.update(message.conversation_id)


def file_names(image: UploadedImage) -> list[str]:
    return [str(file.name) for file in storage.files_of(image)]


def paths(image: UploadedImage) -> list[Path]:
    """Return where its files lie: the original, the thumbnail and the copy for the default model."""
    found = [Path(file.path) for file in storage.files_of(image)]
    assert len(found) == 3
    return found


@contextmanager
def without_table(name: str) -> Iterator[None]:
    """A database that does not take what it should."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {name} RENAME TO hidden")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE hidden RENAME TO {name}")


def long_conversation(owner: User, messages: int, title: str = "A long one") -> list[int]:
    """Make a conversation of so many messages, by a few statements. Returns their ids, in their order."""
    inside = conversation(owner, title)
    first = (Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    ids = range(first, first + messages)
    rows = [
        Message(
            pk=pk,
            conversation=inside,
            parent_id=None if pk == first else pk - 1,
            role=Message.Role.USER if (pk - first) % 2 == 0 else Message.Role.ASSISTANT,
            text=f"Message {pk - first + 1} of {messages}.",
            author=owner if (pk - first) % 2 == 0 else None,
        )
        for pk in ids
    ]
    Message.objects.bulk_create(rows, batch_size=500)
    _let_ids_go_on()
    replies = [row for row in rows if row.role == Message.Role.ASSISTANT]
    completions = Completion.objects.bulk_create(
        Completion(conversation=inside, person=owner, model_name=MODEL) for _ in replies
    )
    Generation.objects.bulk_create(
        Generation(message=reply, completion=completion, status=Status.COMPLETED, finish_reason="stop")
        for reply, completion in zip(replies, completions, strict=True)
    )
    inside.leaf_id = ids[-1]
    inside.save(update_fields=["leaf"])
    figures.update(inside.pk)
    return list(ids)


def _let_ids_go_on() -> None:
    """Let PostgreSQL give the next message the next id, as SQLite does by itself."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Message]):
            cursor.execute(statement)
