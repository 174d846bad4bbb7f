"""A database that the first release has filled, brought up to date."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.support.client import Browser
from vision_chat.models import Conversation, ImageCopy, Review, RubricVersion, UploadedImage

pytestmark = [pytest.mark.each_database, pytest.mark.long]

FIRST = ("vision_chat", "0001_tables")
REVIEWED = datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
REVIEWS = [
    ("owner", "flawed", "Blurred.", False),
    ("zoe", "good", "", False),
    ("", "good", "By somebody who has left.", True),
    ("", "flawed", "By another one.", True),
    ("zoe", "harmful", "Zoë’s “second” look.", True),
    ("owner", "good", "Right.", True),
]
"""Reviewer, verdict, note, and whether it is current: the latest of each reviewer who is known."""


@pytest.fixture
def conversation_id(administrator: User) -> uuid.UUID:
    """Fill the tables of the first release with the administrator's rows, and bring them up to date."""
    executor = MigrationExecutor(connection)
    executor.migrate([FIRST])
    try:
        return fill(executor.loader.project_state([FIRST]).apps, administrator)
    finally:
        bring_up_to_date()


def bring_up_to_date() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("vision_chat"))


def fill(apps: Any, owner: User) -> uuid.UUID:
    """Write a row of every kind, and return the conversation's id."""
    model = apps.get_model
    conversation = model("vision_chat", "Conversation").objects.create(owner_id=owner.pk, title="Stairs")
    messages = model("vision_chat", "Message").objects
    question = messages.create(
        conversation=conversation,
        role="user",
        text="What is this?",
        author_id=owner.pk,
        client_id=uuid.uuid4(),
    )
    reply = messages.create(
        conversation=conversation, role="assistant", text="A **staircase**.", parent=question
    )
    conversation.leaf = reply
    conversation.save()
    completion = model("vision_chat", "Completion").objects.create(
        conversation=conversation,
        person_id=owner.pk,
        endpoint="https://example.org/v1",
        model_name="example/vision",
        left_out={"images": ["old.jpg"], "messages": 2},
        prompt_tokens=1613,
    )
    model("vision_chat", "Generation").objects.create(
        message=reply,
        completion=completion,
        status="completed",
        boot_id="b",
        finish_reason="length",
        thoughts="It has steps.",
        duration_ms=900,
    )
    image = model("vision_chat", "UploadedImage").objects.create(
        owner_id=owner.pk,
        name="stairs.jpg",
        original="images/a/original.webp",
        thumbnail="images/a/thumbnail.webp",
        width=4000,
        height=3000,
        thumbnail_width=512,
        thumbnail_height=384,
        original_bytes=123_456,
        source_format="HEIF",
    )
    model("vision_chat", "ImageCopy").objects.create(
        image=image, recipe="tiles", file="images/a/tiles.jpg", width=1120, height=840, bytes=99_000
    )
    model("vision_chat", "MessageImage").objects.create(message=question, image=image, position=0)
    other = User.objects.create_user("zoe", is_staff=True)
    authors = {"owner": owner.pk, "zoe": other.pk, "": None}
    for number, (who, verdict, note, _) in enumerate(REVIEWS):
        model("vision_chat", "Review").objects.create(
            conversation=conversation,
            author_id=authors[who],
            verdict=verdict,
            note=note,
            created_at=REVIEWED + timedelta(hours=number),
        )
    model("vision_chat", "SetupToken").objects.create(digest="d" * 64)
    return uuid.UUID(str(conversation.pk))


def test_what_the_first_release_has_stored_keeps_its_values_and_is_shown(
    conversation_id: uuid.UUID, administrator: User, open_browser: Callable[[User], Browser]
) -> None:
    """One test, because the migrations take most of its time."""
    values_are_kept(conversation_id)
    reviews_are_answers_to_the_default_rubric(conversation_id, administrator)
    browser = open_browser(administrator)
    page = browser.get(f"/c/{conversation_id}/")
    assert page.status_code == 200
    for shown in ("What is this?", "<strong>staircase</strong>", "cut off at the length limit", "stairs.jpg"):
        assert shown in page.text
    review = browser.get(f"/admin/vision_chat/conversation/{conversation_id}/change/")
    assert "Right." in review.text


def values_are_kept(conversation_id: uuid.UUID) -> None:
    conversation = Conversation.objects.get(pk=conversation_id)
    assert conversation.leaf is not None
    generation = conversation.leaf.generation
    assert generation is not None
    assert (generation.thoughts, generation.duration_ms) == ("It has steps.", 900)
    assert generation.completion.prompt_tokens == 1613
    image = UploadedImage.objects.get()
    assert (image.width, image.original_bytes, image.source_format) == (4000, 123_456, "HEIF")
    assert ImageCopy.objects.get().bytes == 99_000


def reviews_are_answers_to_the_default_rubric(conversation_id: uuid.UUID, administrator: User) -> None:
    names = {administrator.pk: "owner", User.objects.get(username="zoe").pk: "zoe", None: ""}
    rows = list(Review.objects.order_by("created_at").select_related("rubric_version"))
    kept = [(names[row.author_id], row.verdict, row.note, row.is_current) for row in rows]
    assert kept == REVIEWS
    assert [row.created_at for row in rows] == [REVIEWED + timedelta(hours=n) for n in range(len(REVIEWS))]
    assert {row.conversation_id for row in rows} == {conversation_id}
    assert {row.rubric_version for row in rows} == {RubricVersion.objects.default()}
    assert [row.verdict_label for row in rows[-2:]] == ["Harmful", "Good"]
    assert {(row.assignment_id, row.withdrawn_at, str(row.answers)) for row in rows} == {(None, None, "{}")}
