"""Whom a completion outlives, and what pages say of its request."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from vision_chat.models import Completion, Conversation, Generation
from vision_chat.models.completion import summary_of

pytestmark = pytest.mark.each_database


def test_a_completion_goes_with_its_conversation_and_takes_no_other(ann: User) -> None:
    gone, kept = factories.conversation(ann), factories.conversation(ann)
    factories.turn(gone)
    factories.turn(gone)
    factories.turn(kept)
    Conversation.objects.filter(pk=gone.pk).delete()

    assert Completion.objects.get().conversation_id == kept.pk
    assert Generation.objects.get().completion == Completion.objects.get()


def test_a_completion_names_its_model_and_purpose(ann: User) -> None:
    factories.turn(factories.conversation(ann), model_name="some/model")

    assert str(Completion.objects.get()) == "some/model: reply"


IMAGE = {"width": 1120, "height": 840, "bytes": 215_040, "tokens": 1601}


@pytest.mark.parametrize(
    ("record", "summary"),
    [
        ([], {}),
        (["a text"], {}),
        ([{"role": "user"}], {"messages": 1, "has_instructions": False, "images": []}),
        (
            [
                {"role": "system", "text": {"length": 9}},
                {"role": "user", "images": [{"image_id": "x", "sha256": "", **IMAGE}, {"image_id": "y"}]},
                {"role": "assistant", "images": None},
                {"role": "user", "images": [IMAGE]},
            ],
            {"messages": 4, "has_instructions": True, "images": [IMAGE, {}, IMAGE]},
        ),
    ],
)
def test_a_summary_has_the_number_of_messages_and_the_size_of_each_image(
    record: list[Any], summary: dict[str, Any]
) -> None:
    assert summary_of(record) == summary


def test_a_summary_does_not_grow_with_the_messages_of_a_request() -> None:
    messages = [{"role": "user", "message_ids": [number], "text": {"length": 300}} for number in range(400)]

    assert len(str(summary_of(messages))) == len(str(summary_of(messages[:100])))
