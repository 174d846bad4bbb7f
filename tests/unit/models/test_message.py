"""Messages with what is shown of them."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support import factories
from vision_chat.models import Completion, Generation, Message, MessageImage
from vision_chat.services.presentation.messages import message_html, views_of_rows

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


IMAGE = {"image_id": "x", "width": 1120, "height": 840, "bytes": 215_040, "tokens": 1601}


def page_of(turns: int, owner: User) -> tuple[str, list[str]]:
    """Return the HTML of a conversation of so many turns about pictures, and the statements that it took."""
    conversation = factories.conversation(owner)
    for number in range(turns):
        request = [{"role": "user", "message_ids": [number], "images": [IMAGE]}]
        factories.turn(conversation, answer="At <box>(1, 2), (3, 4)</box>.", request=request)
    with CaptureQueriesContext(connection) as captured:
        rows = list(conversation.messages.with_details().order_by("pk"))
        html = "".join(message_html(view) for view in views_of_rows(rows))
    return html, [query["sql"] for query in captured]


def test_a_page_of_any_length_is_shown_without_the_records_of_its_requests(ann: User) -> None:
    (short, few), (long, many) = page_of(1, ann), page_of(12, ann)

    assert len(few) == len(many)
    column = Completion._meta.get_field("request").column
    assert not [statement for statement in many if f'"{column}"' in statement]
    for html, turns in ((short, 1), (long, 12)):
        for shown in ("1120 × 840, 210.0\xa0KB", "about 1,601 tokens", "1 message<", "<answer-places>"):
            assert html.count(shown) == turns, shown


def test_records_of_requests_come_with_the_details_where_they_are_wanted(ann: User) -> None:
    factories.turn(factories.conversation(ann), request=[{"role": "user"}])
    (reply,) = Message.objects.filter(role="assistant").with_details(with_requests=True)
    assert reply.generation is not None
    with CaptureQueriesContext(connection) as captured:
        assert reply.generation.completion.request == [{"role": "user"}]

    assert len(captured) == 0
