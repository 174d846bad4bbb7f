import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from tests.support import factories
from vision_chat.models import Conversation, Message, Region
from vision_chat.models.generation import Status
from vision_chat.services.reviews import exports

pytestmark = pytest.mark.each_database

COMPLETED: dict[str, Any] = {
    "status": "completed",
    "model_name": factories.MODEL,
    "parameters": {},
    "finish_reason": "stop",
    "thoughts": "",
    "thinking_ms": None,
    "starts_at": 0,
    "tool_calls": [],
    "choice_index": 0,
    "prompt_tokens": 1600,
    "completion_tokens": 3,
    "usd": 0.00012345,
    "error_code": "",
}
FAILED = COMPLETED | {
    "status": "failed",
    "prompt_tokens": None,
    "completion_tokens": None,
    "usd": None,
    "error_code": "completion.rate_limited",
}


REGION = {"letter": "A", "x": 0.25, "y": 0.5, "width": 0.5, "height": 0.25, "drawn_by": "person"}
SHOWN = {"name": "stairs.jpg", "width": 40, "height": 30, "alt_text": "", "regions": [REGION]}


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user("ann")


def exported(*conversations: Conversation) -> list[dict[str, Any]]:
    text = exports.lines([conversation.pk for conversation in conversations]).decode()
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def test_a_message_that_waits_is_not_exported(owner: User) -> None:
    reply = factories.turn(factories.conversation(owner))
    factories.waiting_for(reply, "Unsent words")
    (record,) = exported(reply.conversation)

    assert [message["text"] for message in record["messages"]] == ["What is this?", "A staircase."]


def exported_message(
    message: Message, *, images: Sequence[object] = (), generations: Sequence[object] = ()
) -> dict[str, Any]:
    return {
        "id": str(message.pk),
        "parent_id": str(message.parent_id) if message.parent_id else None,
        "role": message.role,
        "text": message.text,
        "images": list(images),
        "deleted_images": 0,
        "generations": list(generations),
    }


def taken_out_times(line: dict[str, Any]) -> list[str]:
    """Every `created_at` and `updated_at` of a line, which is left without them."""
    generations = [generation for message in line["messages"] for generation in message["generations"]]
    dated = [line, *line["messages"], *line["reviews"], *generations]
    return [line.pop("updated_at"), *(part.pop("created_at") for part in dated)]


def test_a_line_holds_the_whole_tree_with_images_generations_and_reviews(owner: User) -> None:
    stairs = factories.conversation(owner, title="Stairs", parameters={"temperature": 0.5})
    first = factories.turn(
        stairs, "How many?", "Many.", prompt_tokens=1600, completion_tokens=3, usd_spent=Decimal("0.00012345")
    )
    question = first.parent
    assert question
    image = factories.image(owner, "stairs.jpg")
    factories.attach(question, image)
    Region.objects.create(attachment=question.attachments.get(), **REGION)
    second = factories.reply(question, "", status=Status.FAILED, error_code="completion.rate_limited")
    factories.review(stairs, verdict="flawed", note="Count!", author=owner)

    [line] = exported(stairs)
    times = [parse_datetime(time) for time in taken_out_times(line)]

    assert all(time and time.tzinfo for time in times)
    assert line == {
        "id": str(stairs.pk),
        "title": "Stairs",
        "owner": "ann",
        "system_prompt": "",
        "parameters": {"temperature": 0.5},
        "leaf_id": str(second.pk),
        "messages": [
            exported_message(question, images=[SHOWN | {"id": str(image.pk)}]),
            exported_message(first, generations=[COMPLETED]),
            exported_message(second, generations=[FAILED]),
        ],
        "reviews": [{"verdict": "flawed", "note": "Count!", "author": "ann"}],
    }


def test_lines_come_in_the_order_asked_for(owner: User) -> None:
    first, second = factories.conversation(owner, "first"), factories.conversation(owner, "second")

    assert [line["title"] for line in exported(second, first)] == ["second", "first"]


def test_an_export_leaves_out_conversations_that_are_gone_or_just_deleted(owner: User) -> None:
    kept = factories.conversation(owner, "kept")
    hidden = factories.conversation(owner, "hidden", deleted_at=timezone.now())

    assert exports.lines([uuid4(), hidden.pk]) == b""
    assert [line["title"] for line in exported(hidden, kept)] == ["kept"]


@pytest.mark.parametrize("text", ["a\nb\r\nc", "“Größe” 猫 🐈", '{"a": "\\"}', "a\tb\x7f"], ids=ascii)
def test_any_text_stays_on_one_line_and_comes_back(owner: User, text: str) -> None:
    stairs = factories.conversation(owner)
    factories.turn(stairs, text)

    [line] = exported(stairs)

    assert line["messages"][0]["text"] == text


def test_a_batch_costs_the_same_queries_however_large_it_is(owner: User) -> None:
    def made(count: int) -> list[Conversation]:
        conversations = []
        for number in range(count):
            person = User.objects.create_user(f"{number} of {count}")
            conversations.append(stairs := factories.conversation(person))
            factories.attach(factories.turn(stairs), factories.image(person))
            factories.turn(stairs)
            factories.review(stairs, verdict="good", author=person)
        return conversations

    few, many = made(2), made(12)
    with CaptureQueriesContext(connection) as for_few:
        assert len(exported(*few)) == 2
    with CaptureQueriesContext(connection) as for_many:
        assert len(exported(*many)) == 12

    assert len(for_many) == len(for_few) == 6


@pytest.mark.django_db(transaction=True)
async def test_a_stream_yields_batch_after_batch() -> None:
    owner = await User.objects.acreate(username="ann")
    count = exports.BATCH + 1
    made = await Conversation.objects.abulk_create(Conversation(owner=owner) for _ in range(count))

    chunks = [chunk async for chunk in exports.stream([conversation.pk for conversation in made])]

    assert [chunk.count(b"\n") for chunk in chunks] == [exports.BATCH, 1]
