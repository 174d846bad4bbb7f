"""Fills an empty database with a large site: 20,000 conversations, 400,000 messages, 50,000 pictures.

    DATA_DIR=... DATABASE_URL=... python -m tests.bench.seed_large [--share 0.1] [--force]

The same rows every time, but for the day. Pictures share a few small files, so deleting one from the site
takes the others' files along: it is a site to measure, not one to work on. Everybody signs in with the
password `large`: `chief`, who may do everything, `bob`, who reviews, and `person0` to `person399`.
"""

import argparse
import io
import os
import random
import sys
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import django

CONVERSATIONS = 20_000
LENGTHS = (10, 10, 50, 10)
"""Messages of the conversations, by turns."""
PICTURES = (0, 2, 3, 5)
PEOPLE = 400
BATCH = 200
FILES = 8
QUEUED = 2_000
AUDITED = 5_000
PASSWORD = "large"
MODELS = ("meta-llama/vision", "qwen/vl", "gpt/4o", "claude/sonnet", "pixtral/large", "rare/model")
MODEL_WEIGHTS = (60, 20, 10, 6, 4, 0.02)
VERDICTS = ("good", "flawed", "harmful")


def main() -> None:
    parser = argparse.ArgumentParser(description="Fill an empty database with a large site.")
    parser.add_argument("--share", type=float, default=1, help="of the full size")
    parser.add_argument("--force", action="store_true", help="also where there are conversations already")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - needs the line above

    from vision_chat.models import Conversation  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0)
    if Conversation.objects.exists() and not options.force:
        sys.exit("This database has conversations already: name an empty one, or say --force.")
    begun = time.monotonic()
    count = max(BATCH, round(CONVERSATIONS * options.share))
    seed(count)
    say(f"{count:,} conversations in {time.monotonic() - begun:.0f} s")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def seed(count: int) -> None:
    """Write everybody, the conversations, and what reviewers have done."""
    from django.contrib.auth.hashers import make_password  # noqa: PLC0415
    from django.contrib.auth.models import User  # noqa: PLC0415

    password = make_password(PASSWORD)
    people = User.objects.bulk_create(
        User(username=f"person{number}", password=password) for number in range(PEOPLE)
    )
    chief = User.objects.create(username="chief", password=password, is_staff=True, is_superuser=True)
    site = Site(people, chief, _files())
    for start in range(0, count, BATCH):
        site.write(range(start, min(count, start + BATCH)))
        if start % (BATCH * 10) == 0:
            say(f"{start + BATCH:,} of {count:,}")
    site.let_ids_go_on()
    _queue(chief, password)
    _log(chief)
    _analyse()


def _files() -> list[tuple[str, str]]:
    """Write a few small pictures; the names of originals and thumbnails."""
    from django.core.files.base import ContentFile  # noqa: PLC0415
    from django.core.files.storage import default_storage  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    names = []
    for number in range(FILES):
        data = io.BytesIO()
        Image.new("RGB", (64, 48), (number * 30, 120, 255 - number * 30)).save(data, "WEBP")
        of_one = []
        for stem in ("original", "thumbnail"):
            name = f"images/large/{number}/{stem}.webp"
            default_storage.delete(name)
            of_one.append(default_storage.save(name, ContentFile(data.getvalue())))
        names.append((of_one[0], of_one[1]))
    return names


@dataclass
class Rows:
    """The rows of a batch, in the order in which they are written."""

    conversations: list[Any] = field(default_factory=list)
    titles: list[Any] = field(default_factory=list)
    messages: list[Any] = field(default_factory=list)
    words: list[Any] = field(default_factory=list)
    completions: list[Any] = field(default_factory=list)
    generations: list[Any] = field(default_factory=list)
    images: list[Any] = field(default_factory=list)
    attachments: list[Any] = field(default_factory=list)
    reviews: list[Any] = field(default_factory=list)
    feedback: list[Any] = field(default_factory=list)
    reports: list[Any] = field(default_factory=list)


class Site:
    """Writes conversations by chance, the same ones every time."""

    def __init__(self, people: list[Any], chief: Any, files: list[tuple[str, str]]) -> None:
        from django.utils import timezone  # noqa: PLC0415

        from tests.bench.searching import Language  # noqa: PLC0415
        from vision_chat.models import Completion, Generation, Message, RubricVersion  # noqa: PLC0415

        self._people, self._chief, self._files = people, chief, files
        self._chance = random.Random(13)
        language = Language()
        # a few thousand texts in all orders are as many as a search can tell apart
        self._texts = [" ".join(language.text(number, 0).split()[:30]) for number in range(5_000)]
        self._day = timezone.now().replace(minute=0, second=0, microsecond=0)
        self._next = {
            model: (model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
            for model in (Message, Completion, Generation)
        }
        self._rubric_version = RubricVersion.objects.default()

    def _id(self, model: Any) -> int:
        found: int = self._next[model]
        self._next[model] += 1
        return found

    def _uuid(self) -> uuid.UUID:
        return uuid.UUID(int=self._chance.getrandbits(128), version=4)

    def write(self, numbers: range) -> None:
        from django.db import transaction  # noqa: PLC0415

        from vision_chat import models  # noqa: PLC0415
        from vision_chat.services.figures import kept  # noqa: PLC0415

        rows = Rows()
        for number in numbers:
            self._conversation(rows, number)
        with transaction.atomic():
            leaves = {each.pk: each.leaf_id for each in rows.conversations}
            for each in rows.conversations:
                each.leaf_id = None  # its messages come later
            models.Conversation.objects.bulk_create(rows.conversations)
            models.TitleWords.objects.bulk_create(rows.titles)
            models.Message.objects.bulk_create(rows.messages)
            models.MessageWords.objects.bulk_create(rows.words)
            models.Completion.objects.bulk_create(rows.completions)
            models.Generation.objects.bulk_create(rows.generations)
            models.UploadedImage.objects.bulk_create(rows.images)
            models.MessageImage.objects.bulk_create(rows.attachments)
            models.Review.objects.bulk_create(rows.reviews)
            models.Feedback.objects.bulk_create(rows.feedback)
            models.Report.objects.bulk_create(rows.reports)
            for each in rows.conversations:
                each.leaf_id = leaves[each.pk]
            models.Conversation.objects.bulk_update(rows.conversations, ["leaf"])
            kept.write([each.pk for each in rows.conversations])

    def _conversation(self, rows: Rows, number: int) -> None:
        from vision_chat.models import Conversation, Report, Review  # noqa: PLC0415
        from vision_chat.services.search.index import words_of_title  # noqa: PLC0415

        chance = self._chance
        owner = self._people[0 if number % 20 == 0 else number % PEOPLE]
        moment = self._day - timedelta(minutes=number * 26 + chance.randrange(26))
        made = Conversation(
            pk=self._uuid(),
            owner=owner,
            title=chance.choice(self._texts)[:50],
            created_at=moment - timedelta(hours=1),
            updated_at=moment,
        )
        rows.conversations.append(made)
        rows.titles.append(words_of_title(made))
        length = LENGTHS[number % len(LENGTHS)]
        pictures = PICTURES[number // len(LENGTHS) % len(PICTURES)]
        above = None
        for place in range(0, length, 2):
            images = 1 if place // 2 < pictures else 0
            above = self._turn(rows, made, above, images, moment - timedelta(minutes=length - place))
        made.leaf_id = above
        if chance.random() < 0.05:
            verdict = chance.choices(VERDICTS, (70, 25, 5))[0]
            rows.reviews.append(
                Review(
                    conversation=made,
                    author=self._chief,
                    rubric_version=self._rubric_version,
                    verdict=verdict,
                    created_at=moment,
                )
            )
        if chance.random() < 0.003:
            rows.reports.append(Report(conversation=made, person=owner, reason="broken"))

    def _turn(self, rows: Rows, inside: Any, above: int | None, image_count: int, moment: datetime) -> int:
        """A question with its pictures, and the reply, whose id is returned."""
        from vision_chat.models import (  # noqa: PLC0415
            Completion,
            Feedback,
            Generation,
            Message,
        )
        from vision_chat.models.generation import Status  # noqa: PLC0415

        chance = self._chance
        question = Message(
            pk=self._id(Message),
            conversation=inside,
            parent_id=above,
            role="user",
            author=inside.owner,
            text=chance.choice(self._texts)[:120],
            created_at=moment,
        )
        reply = Message(
            pk=self._id(Message),
            conversation=inside,
            parent_id=question.pk,
            role="assistant",
            text=f"{chance.choice(self._texts)}\n\n- {chance.choice(self._texts)}",
            created_at=moment,
        )
        rows.messages += [question, reply]
        for _ in range(image_count):
            self._picture(rows, inside.owner, question, moment)
        rows.words += [self._words(question, inside, image_count > 0), self._words(reply, inside, False)]
        tokens = chance.randrange(200, 3000), chance.randrange(20, 400)
        completion = Completion(
            pk=self._id(Completion),
            conversation=inside,
            person=inside.owner,
            endpoint="https://example.org/v1",
            model_name=chance.choices(MODELS, MODEL_WEIGHTS)[0],
            request_summary={"messages": 3, "has_instructions": False, "images": []},
            prompt_tokens=tokens[0],
            completion_tokens=tokens[1],
            usd_spent=Decimal(sum(tokens)) / 1_000_000,
            created_at=moment,
        )
        has_failed = chance.random() < 0.002
        generation = Generation(
            pk=self._id(Generation),
            message=reply,
            completion=completion,
            status=Status.FAILED if has_failed else Status.COMPLETED,
            finish_reason="" if has_failed else "stop",
            error_code="endpoint_failed" if has_failed else "",
            boot_id="large",
            created_at=moment,
            finished_at=moment,
            first_token_ms=400,
            duration_ms=4000,
        )
        rows.completions.append(completion)
        rows.generations.append(generation)
        if chance.random() < 0.01:
            mark = chance.choice(["good", "bad"])
            rows.feedback.append(Feedback(person=inside.owner, message=reply, mark=mark))
        return reply.pk

    def _picture(self, rows: Rows, owner: Any, question: Any, moment: datetime) -> None:
        from vision_chat.models import MessageImage, UploadedImage  # noqa: PLC0415

        original, thumbnail = self._files[len(rows.images) % FILES]
        image = UploadedImage(
            pk=self._uuid(),
            owner=owner,
            name=f"picture {len(rows.images)}.webp",
            original=original,
            thumbnail=thumbnail,
            width=64,
            height=48,
            thumbnail_width=64,
            thumbnail_height=48,
            original_bytes=100,
            source_format="WEBP",
            created_at=moment,
        )
        rows.images.append(image)
        rows.attachments.append(MessageImage(message=question, image=image, position=0))

    def _words(self, message: Any, inside: Any, has_images: bool) -> Any:
        from vision_chat.services.search.index import words_of  # noqa: PLC0415
        from vision_chat.services.search.said import Said  # noqa: PLC0415

        return words_of(
            Said(
                message.pk,
                inside.pk,
                inside.owner_id,
                message.role,
                message.created_at,
                has_images,
                message.text,
            )
        )

    def let_ids_go_on(self) -> None:
        """Let PostgreSQL give the next row the next id, as SQLite does by itself."""
        from django.core.management.color import no_style  # noqa: PLC0415
        from django.db import connection  # noqa: PLC0415

        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), list(self._next)):
                cursor.execute(statement)


def _queue(chief: Any, password: str) -> None:
    """A queue with a few thousand items, one of which a reviewer has in hand."""
    from django.contrib.auth.models import Permission, User  # noqa: PLC0415

    from vision_chat.models import Conversation, Queue, ReviewItem, Rubric  # noqa: PLC0415
    from vision_chat.services.review_queues import handing_out, versions  # noqa: PLC0415

    bob = User.objects.create(username="bob", password=password, is_staff=True)
    bob.user_permissions.set(Permission.objects.filter(codename="work_reviewitem"))
    queue = Queue.objects.create(name="Large", rubric=Rubric.objects.order_by("pk")[0])
    version = versions.save_queue_version(queue)
    latest = Conversation.objects.order_by("-updated_at").values_list("pk", "leaf")[: QUEUED * 4]
    long_ones = [row for place, row in enumerate(latest) if place % len(LENGTHS) == LENGTHS.index(50)]
    ReviewItem.objects.bulk_create(
        ReviewItem(queue=queue, version=version, conversation_id=pk, through_message_id=leaf)
        for pk, leaf in long_ones
    )
    handing_out.next_item(bob, queue)
    handing_out.next_item(chief, queue)


def _log(chief: Any) -> None:
    """Entries of the audit log, as of somebody who has opened many conversations."""
    from vision_chat.models import AuditEntry, Conversation  # noqa: PLC0415
    from vision_chat.services import audit  # noqa: PLC0415

    opened = Conversation.objects.order_by("-updated_at")[:AUDITED]
    audit.record_each(AuditEntry.Action.OPENED, chief, opened.iterator())


def _analyse() -> None:
    """Let the database look at its tables, as PostgreSQL does by itself after a while."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")


if __name__ == "__main__":
    main()
