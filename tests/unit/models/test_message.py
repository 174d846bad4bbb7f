"""Messages with what is shown of them."""

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from vision_chat.models import Completion, Generation, Message, MessageImage

pytestmark = pytest.mark.each_database

MANY = 1100
"""More than SQLite takes conditions."""


def test_with_details_takes_a_conversation_of_any_length(ann: User) -> None:
    conversation = factories.conversation(ann)
    messages = Message.objects.bulk_create(
        Message(conversation=conversation, role="assistant", text=str(number)) for number in range(MANY)
    )
    completions = Completion.objects.bulk_create(
        Completion(conversation=conversation, person=ann, model_name=message.text) for message in messages
    )
    Generation.objects.bulk_create(
        Generation(message=message, completion=completion)
        for message, completion in zip(messages, completions, strict=True)
    )
    images = [factories.image(ann) for _ in range(2)]
    MessageImage.objects.bulk_create(
        MessageImage(message=message, image=image, position=position)
        for message in messages
        for position, image in enumerate(images)
    )

    shown = list(conversation.messages.with_details().order_by("pk"))
    assert [message.generation.completion.model_name for message in shown if message.generation] == [
        str(number) for number in range(MANY)
    ]
    assert all(message.attached_images == images for message in shown)
