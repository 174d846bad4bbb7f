"""A message as people see it, the same in the page, over the socket and in the admin."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support import factories
from vision_chat.models import Message
from vision_chat.models.generation import Status
from vision_chat.services.presentation.messages import MessageView, message_created, message_html, revision_of


def row(message: Message) -> Message:
    return Message.objects.with_details().get(pk=message.pk)


def reply(owner: User, text: str, **values: Any) -> Message:
    return row(factories.turn(factories.conversation(owner), answer=text, **values))


def question_of(answer: Message) -> Message:
    assert answer.parent_id is not None
    return Message.objects.with_details().get(pk=answer.parent_id)


def test_a_persons_text_is_shown_as_it_was_typed(ann: User) -> None:
    answer = factories.turn(factories.conversation(ann), text="**no** <b>Markdown</b>\nhere")
    view = MessageView.of_row(question_of(answer))

    assert view.blocks == ["**no** &lt;b&gt;Markdown&lt;/b&gt;\nhere"]
    assert (view.role, view.status, view.footer) == ("user", "", None)


def test_a_reply_that_has_ended_is_markdown_with_a_footer(ann: User) -> None:
    view = MessageView.of_row(reply(ann, "**Yes**"))

    assert view.blocks == ["<p><strong>Yes</strong></p>"]
    assert (view.status, view.revision) == ("completed", len("**Yes**") + 1)
    assert view.footer is not None


def test_a_running_reply_shows_its_live_text_and_where_it_goes_on(ann: User) -> None:
    message = reply(ann, "Ye", status=Status.RUNNING)
    view = MessageView.of_row(message, "Yes and")

    assert view.text == "Yes and"
    assert "data-end" in view.blocks[-1]
    assert (view.status, view.revision, view.footer) == ("running", len("Yes and"), None)


def test_a_running_reply_without_text_says_how_long_it_has_waited(ann: User) -> None:
    silent, speaking = (reply(ann, text, status=Status.RUNNING) for text in ("", "Yes"))
    for message in (silent, speaking):
        assert message.generation is not None
        message.generation.created_at = timezone.now() - timedelta(seconds=40)

    assert 'data-waited="40"' in message_html(MessageView.of_row(silent))
    assert 'data-waited="0"' in message_html(MessageView.of_row(speaking))
    assert "reply-waiting" not in message_html(MessageView.of_row(reply(ann, "Yes")))


def test_the_revision_counts_the_end_of_a_reply_as_one_more(ann: User) -> None:
    running, settled = reply(ann, "Yes", status=Status.RUNNING), reply(ann, "Yes", status=Status.STOPPED)

    assert revision_of("Yes", running.generation) == 3
    assert revision_of("Yes", settled.generation) == 4
    assert revision_of("Yes", None) == 3


def test_a_view_shows_images_in_their_order_with_addresses_and_size(ann: User) -> None:
    question = question_of(factories.turn(factories.conversation(ann)))
    images = [factories.image(ann, name) for name in ("b.jpg", "a.jpg")]
    factories.attach(question, *images)
    view = MessageView.of_row(row(question))

    assert [image.name for image in view.images] == ["b.jpg", "a.jpg"]
    first = view.images[0]
    assert first.thumbnail_url == f"/images/{images[0].pk}/thumbnail/"
    assert first.size_label.startswith("40 × 30, ")
    html = message_html(view)
    assert 'data-count="2"' in html
    assert html.index("b.jpg") < html.index("a.jpg")


@pytest.mark.parametrize("status", ["running", "completed"])
def test_message_created_brings_the_html_of_the_page(ann: User, status: str) -> None:
    message = reply(ann, "Yes", status=status)
    view = MessageView.of_row(message)
    event = message_created(message.conversation_id, view)

    assert (event.message_id, event.parent_id) == (str(message.pk), str(message.parent_id))
    assert (event.role, event.conversation_id) == ("assistant", str(message.conversation_id))
    assert event.html == message_html(view)
    assert f'data-status="{status}"' in event.html
    assert ("figures" in event.html) == (status == "completed")
