"""Somebody of a role who tries the admin, and conversations with words of their own that may come or not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from tests.support import factories
from tests.support.admin_doors import CASES, READABLE, Readable
from tests.support.people import consented, granted, in_group, signed_in, staff
from vision_chat.models import (
    Assignment,
    AuditEntry,
    Conversation,
    Endpoint,
    Feedback,
    Habit,
    LanguageModel,
    Message,
    Preset,
    Queue,
    QueueVersion,
    Report,
    Review,
    ReviewItem,
    Rubric,
    RubricVersion,
    UploadedImage,
)
from vision_chat.services import audit
from vision_chat.services.figures import kept as figures


@dataclass(frozen=True)
class Stage:
    """A person of a role, and what there is."""

    role: str
    client: Client
    conversations: Mapping[str, Conversation]
    messages: Mapping[str, Message]
    images: Mapping[str, UploadedImage]
    rows: Mapping[str, Any]
    readable: Readable

    def path(self, text: str, case: str) -> str:
        ids = {name: each.pk for name, each in self.conversations.items()}
        report = self.conversations[case].reports.get().pk
        item = self.conversations[case].review_items.get().pk
        one = {"conversation": ids[case], "message": self.messages[case].pk, "report": report, "item": item}
        return text.format(**ids, **one, **self.rows)

    def is_readable(self, case: str) -> bool:
        return case in self.readable.get(self.role, ())

    def shown_in(self, text: str) -> set[str]:
        """The conversations of which the text has words."""
        return {case for case in CASES if f"zq{case}" in text}


def person_of(role: str) -> User | None:
    match role:
        case "nobody":
            return None
        case "stranger":
            return User.objects.create_user("zoe")
        case "staff":
            return staff("zoe")
        case "superuser":
            return User.objects.create_superuser("zoe")
    return in_group("zoe", f"{role}s".capitalize())


def assign(queue: Queue, reviewer: User, conversation: Conversation) -> ReviewItem:
    """Put it into the queue, and there into the hands of the reviewer."""
    item = ReviewItem.objects.create(
        queue=queue,
        version=queue.versions.get(),
        conversation=conversation,
        through_message_id=2**40,
        state=ReviewItem.State.IN_REVIEW,
    )
    expires = timezone.now() + timedelta(minutes=30)
    Assignment.objects.create(item=item, reviewer=reviewer, expires_at=expires)
    return item


def make_queue() -> Queue:
    version = RubricVersion.objects.default()
    queue = Queue.objects.create(name="Daily", rubric=Rubric.objects.get(pk=version.rubric_id))
    QueueVersion.objects.create(queue=queue, number=1, rubric_version=version)
    return queue


def wordy(owner: User, case: str) -> tuple[Message, UploadedImage]:
    """A conversation with its word wherever people can read: the reply, and the picture."""
    word = f"zq{case}"
    inside = factories.conversation(owner, f"{word}title", system_prompt=f"{word}instructions")
    reply = factories.turn(inside, f"{word}question", f"{word}answer")
    image = factories.image(owner, f"{word}.jpg")
    image.alt_text = f"{word}alt"
    for file in (image.original, image.thumbnail, image.copies.get().file):
        file.storage.delete(str(file.name))
        file.storage.save(str(file.name), ContentFile(f"{word}bytes".encode()))
    image.save(update_fields=["alt_text"])
    factories.attach(Message.objects.get(children=reply), image)
    Review.objects.create(conversation=inside, verdict="good", note=f"{word}note")
    Feedback.objects.create(message=reply, person=owner, mark="bad", comment=f"{word}comment")
    Report.objects.create(conversation=inside, person=owner, reason="other", comment=f"{word}report")
    figures.update(inside.pk)
    return reply, image


def stage_of(role: str, readable: Readable = READABLE) -> Stage:
    ann, person = User.objects.create_user("ann"), person_of(role)
    made = {case: wordy(person if person and case == "own" else ann, case) for case in CASES}
    conversations = {case: reply.conversation for case, (reply, _) in made.items()}
    queue, colleague = make_queue(), staff("max")
    for case, conversation in conversations.items():
        is_theirs = case in {"assigned", "consented"}
        item = assign(queue, person if person and is_theirs else colleague, conversation)
    consented(conversations["consented"])
    if person:
        granted(person, conversations["granted"])
        granted(person, conversations["consented"])
        granted(person, conversations["expired"], minutes=-1)
    endpoint = Endpoint.objects.create(name="Local", base_url="http://127.0.0.1:9/v1")
    rows = {
        "owner": "ann",
        "entry": audit.record(AuditEntry.Action.SETTINGS, ann).pk,
        "content_type": 1,
        "person": ann.pk,
        "colleague": colleague.pk,
        "queue": queue.pk,
        "rubric": queue.rubric_id,
        "one_item": item.pk,
        "group": Group.objects.create(name="Painters").pk,
        "endpoint": endpoint.pk,
        "model": LanguageModel.objects.create(endpoint=endpoint, model_name="qwen").pk,
        "preset": Preset.objects.create(name="Short").pk,
        "habit": Habit.objects.create(endpoint="http://127.0.0.1:9/v1", model_name="qwen", kind="n").pk,
    }
    return Stage(
        role=role,
        client=signed_in(person) if person else Client(),
        conversations=conversations,
        messages={case: reply for case, (reply, _) in made.items()},
        images={case: image for case, (_, image) in made.items()},
        rows=rows,
        readable=readable,
    )
