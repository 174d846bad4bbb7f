"""A message as people see it, the same in the page, over the socket and in the admin."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.utils import timezone

from tests.support import factories
from vision_chat.models import Message
from vision_chat.models.generation import Status
from vision_chat.services.presentation.messages import (
    MessageView,
    message_created,
    message_html,
    revision_of,
    views_of_rows,
)
from vision_chat.services.presentation.thoughts import thoughts_label
from vision_chat.services.thoughts.division import ReplySoFar


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


def test_addresses_in_a_persons_text_are_links(ann: User) -> None:
    answer = factories.turn(factories.conversation(ann), text="see www.example.org")

    assert 'href="https://www.example.org"' in MessageView.of_row(question_of(answer)).blocks[0]


def test_a_reply_that_has_ended_is_markdown_with_a_footer(ann: User) -> None:
    view = MessageView.of_row(reply(ann, "**Yes**"))

    assert view.blocks == ["<p><strong>Yes</strong></p>"]
    assert (view.status, view.revision) == ("completed", len("**Yes**") + 1)
    assert view.footer is not None


def test_a_running_reply_shows_its_live_text_and_where_it_goes_on(ann: User) -> None:
    message = reply(ann, "Ye", status=Status.RUNNING)
    view = MessageView.of_row(message, ReplySoFar("Yes and", "", None))

    assert "Yes and" in view.blocks[-1]
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

    assert revision_of(3, running.generation) == 3
    assert revision_of(3, settled.generation) == 4
    assert revision_of(3, None) == 3


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
    assert ("About this answer" in event.html) == (status == "completed")


def test_thoughts_stand_apart_folded_under_their_time_and_the_text_as_it_came_is_for_reviewers(
    ann: User,
) -> None:
    message = reply(ann, "<think>I *look*.</think>Stairs.<|im_end|>", thinking_ms=12_400)
    view = MessageView.of_row(message)

    assert view.thoughts is not None
    assert (view.thoughts.label, view.thoughts.is_open) == ("Thought for 12 seconds", False)
    assert view.thoughts.blocks == ["<p>I <em>look</em>.</p>"]
    assert view.blocks == ["<p>Stairs.</p>"]
    assert view.raw_text == "<think>I *look*.</think>Stairs.<|im_end|>"
    assert "data-raw" not in message_html(view)


def test_thoughts_without_an_answer_stay_open(ann: User) -> None:
    view = MessageView.of_row(reply(ann, "", status=Status.STOPPED, thoughts="I look."))

    assert view.thoughts is not None
    assert (view.thoughts.label, view.thoughts.is_open) == ("Thoughts", True)
    assert view.footer is not None
    assert not view.footer.can_continue


@pytest.mark.parametrize(
    ("milliseconds", "label"),
    [
        (0, "Thoughts"),
        (900, "Thought for 1 second"),
        (59_400, "Thought for 59 seconds"),
        (60_000, "Thought for 1 minute"),
        (150_000, "Thought for 2 minutes"),
    ],
)
def test_the_time_of_thinking_is_told_in_round_numbers(milliseconds: int, label: str) -> None:
    assert thoughts_label(milliseconds, is_thinking=False) == label
    assert thoughts_label(milliseconds, is_thinking=True) == "Thinking"


def test_versions_are_told_and_can_be_gone_through_but_not_beyond_their_ends(ann: User) -> None:
    first = reply(ann, "First.")
    second = row(factories.reply(question_of(first), "Second."))
    first_view, second_view = views_of_rows([first, second])

    html = message_html(first_view)
    assert 'data-siblings="1/2"' in html
    assert "1 of 2" in html
    assert re.findall(r'data-command="version\.(\w+)"\s+(\S+)', html) == [
        ("previous", 'aria-disabled="true"'),
        ("next", f'data-version="{second.pk}"'),
    ]
    assert f'data-version="{first.pk}"' in message_html(second_view)
    assert "data-version=" not in message_html(MessageView.of_row(first))
    for_reviewers = render_to_string("_message.html", {"message": first_view, "read_only": True})
    assert "version.next" not in for_reviewers
    assert "message.menu" not in for_reviewers


def test_a_question_can_be_edited_unless_it_waits(ann: User) -> None:
    answer = reply(ann, "Yes")
    waiting = factories.waiting_for(answer)

    assert 'data-command="message.edit"' in message_html(MessageView.of_row(question_of(answer)))
    html = message_html(MessageView.of_row(Message.objects.waiting_for(waiting.parent_id).get()))
    assert "message.edit" not in html
    assert "message.menu" not in html
