import json
from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from tests.support import exported, factories
from vision_chat.models import Conversation, Message, Region, Review
from vision_chat.models.generation import Status
from vision_chat.services.reviews.exports.choices import Branches, Format, Pictures
from vision_chat.services.reviews.exports.names import pseudonym_of

COMPLETED: dict[str, Any] = {
    "status": "completed",
    "model_name": factories.MODEL,
    "asked_model_name": None,
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


def lines_of(*conversations: Conversation, **choices: Any) -> list[dict[str, Any]]:
    made = {"format": Format.CONVERSATIONS, "branches": Branches.ALL, "with_thoughts": True} | choices
    return exported.lines_of(exported.selected(*conversations), **made)


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
        "corrections": [],
        "annotations": [],
        "feedback": [],
        "moderation": [],
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
    review = Review.objects.create(conversation=stairs, verdict="flawed", note="Count!", author=owner)

    [line] = lines_of(stairs)
    times = [parse_datetime(time) for time in taken_out_times(line)]

    assert all(time and time.tzinfo for time in times)
    assert line == {
        "schema_version": 1,
        "id": str(stairs.pk),
        "title": "Stairs",
        "owner": "ann",
        "item_id": None,
        "system_prompt": "",
        "parameters": {"temperature": 0.5},
        "leaf_id": str(second.pk),
        "messages": [
            exported_message(question, images=[SHOWN | {"id": str(image.pk)}]),
            exported_message(first, generations=[COMPLETED]),
            exported_message(second, generations=[FAILED]),
        ],
        "verdict": "flawed",
        "verdict_tone": "mixed",
        "reviews": [
            {
                "id": str(review.pk),
                "item_id": None,
                "verdict": "flawed",
                "note": "Count!",
                "answers": {},
                "rubric": {"id": str(review.rubric_version.rubric_id), "name": "Default", "version": 1},
                "author": "ann",
                "is_current": True,
                "withdrawn_at": None,
            }
        ],
        "resolutions": [],
        "reports": [],
    }


def test_a_line_has_no_more_than_was_asked_for(owner: User) -> None:
    stairs = factories.conversation(owner)
    old = factories.turn(stairs, "How many?", "Old.", thoughts="Secret.")
    assert old.parent
    factories.attach(old.parent, factories.image(owner, "stairs.jpg"))
    new = factories.reply(old.parent, "New.")
    factories.waiting_for(new, "Unsent words")
    pictures = {"pictures": Pictures.DATA, "with_pseudonyms": True}
    [line] = lines_of(stairs, branches=Branches.SHOWN, with_thoughts=False, **pictures)

    assert [message["text"] for message in line["messages"]] == ["How many?", "New."]
    [image] = line["messages"][0]["images"]
    assert (image["name"], image["url"]) == (None, "data:image/webp;base64,Ynl0ZXM=")
    assert line["owner"] == pseudonym_of(owner.pk)
    assert not [word for word in ("Secret", "Unsent", "stairs.jpg") if word in json.dumps(line)]


def test_the_pictures_of_a_conversation_come_as_files(owner: User) -> None:
    stairs = factories.conversation(owner)
    image = factories.image(owner)
    factories.attach(factories.turn(stairs), image)
    selection = exported.selected(stairs)
    data = exported.file_of(selection, format=Format.CONVERSATIONS, pictures=Pictures.FILES)

    with ZipFile(BytesIO(data)) as archive:
        [line] = archive.read("conversations.jsonl").splitlines()
        assert archive.read(json.loads(line)["messages"][1]["images"][0]["url"]) == b"bytes"


@pytest.mark.parametrize("text", ["a\nb\r\nc\u2028d", "“Größe” 猫 🐈", '{"a": "\\"}', "a\tb\x7f"], ids=ascii)
def test_any_text_stays_on_one_line_and_comes_back(owner: User, text: str) -> None:
    stairs = factories.conversation(owner)
    factories.turn(stairs, text)

    [line] = lines_of(stairs)

    assert line["messages"][0]["text"] == text


def test_changed_and_withdrawn_reviews_are_records(owner: User) -> None:
    stairs = factories.conversation(owner)
    Review.objects.create(conversation=stairs, author=owner, verdict="good", is_current=False)
    Review.objects.create(conversation=stairs, author=owner, verdict="flawed", withdrawn_at=timezone.now())
    [line] = lines_of(stairs)

    assert [(each["verdict"], each["is_current"]) for each in line["reviews"]] == [
        ("good", False),
        ("flawed", True),
    ]
    assert line["reviews"][1]["withdrawn_at"]
    assert line["verdict"] is None
