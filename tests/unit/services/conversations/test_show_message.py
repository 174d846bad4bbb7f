"""Showing a message that stands on another branch."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.client import Browser
from tests.support.use_cases import ask, call
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Conversation, Generation, Message
from vision_chat.services.conversations.delete import delete
from vision_chat.services.conversations.show_message import show_message

pytestmark = pytest.mark.each_database


def leaf_of(message: Message) -> int | None:
    return Conversation.objects.get(pk=message.conversation_id).leaf_id


@pytest.fixture
def replies(ann: User) -> tuple[Message, Message]:
    """Two replies to one question; the second one is on the shown branch."""
    first = factories.turn(factories.conversation(ann))
    assert first.parent is not None
    return first, factories.reply(first.parent, "A ladder.")


def test_the_branch_with_the_message_becomes_current(ann: User, replies: tuple[Message, Message]) -> None:
    first, second = replies
    call(ann, show_message, first.pk)
    assert leaf_of(first) == first.pk
    call(ann, show_message, second.pk)
    assert leaf_of(first) == second.pk


def test_the_latest_branch_through_the_message_becomes_current(
    ann: User, replies: tuple[Message, Message]
) -> None:
    first, second = replies
    conversation = first.conversation
    conversation.leaf = first
    further = factories.turn(conversation, "And then?", "More steps.")
    assert further.parent is not None
    latest = factories.reply(further.parent, "No more steps.")
    call(ann, show_message, second.pk)
    call(ann, show_message, first.pk)

    assert leaf_of(first) == latest.pk


def test_a_message_of_the_current_branch_changes_nothing(ann: User, replies: tuple[Message, Message]) -> None:
    first, second = replies
    assert first.parent_id is not None
    before = Conversation.objects.get()
    call(ann, show_message, first.parent_id)

    after = Conversation.objects.get()
    assert (after.leaf_id, after.updated_at) == (second.pk, before.updated_at)


def test_another_branch_is_shown_while_a_reply_runs_on(ann: User, replies: tuple[Message, Message]) -> None:
    first, second = replies
    running = ask(ann, "And this?", conversation_id=first.conversation_id)
    call(ann, show_message, first.pk)
    assert leaf_of(first) == first.pk
    assert Generation.objects.running().get() == running.generation

    call(ann, show_message, second.pk)
    assert leaf_of(first) == running.reply.pk


def test_nobody_elses_message_is_shown(ann: User, stranger: User, replies: tuple[Message, Message]) -> None:
    first, second = replies
    with pytest.raises(NotFoundError):
        call(stranger, show_message, first.pk)
    assert leaf_of(first) == second.pk


def test_no_message_of_a_deleted_conversation_is_shown(ann: User, replies: tuple[Message, Message]) -> None:
    first, second = replies
    call(ann, delete, first.conversation_id)
    with pytest.raises(NotFoundError):
        call(ann, show_message, first.pk)
    assert leaf_of(first) == second.pk


@pytest.mark.parametrize("number", [0, 10**18])
def test_a_message_that_is_not_there_is_not_shown(ann: User, number: int) -> None:
    with pytest.raises(NotFoundError):
        call(ann, show_message, number)


def test_pages_that_show_the_conversation_hear_of_it_and_no_others(
    ann: User, replies: tuple[Message, Message], open_browser: Callable[[User], Browser]
) -> None:
    first, second = replies
    elsewhere = factories.turn(factories.conversation(ann, "Elsewhere"))
    browser = open_browser(ann)
    socket, other = browser.socket(), browser.socket()
    for one, leaf in ((socket, second), (other, elsewhere)):
        one.send(
            "conversation.watch",
            conversation_id=str(leaf.conversation_id),
            leaf_id=str(leaf.pk),
            cursors={},
        )
        one.wait_for("request.done")
    assert browser.post(f"/messages/{first.pk}/show/").is_success
    socket.wait_for("conversation.stale", conversation_id=str(first.conversation_id))
    browser.post(f"/c/{elsewhere.conversation_id}/rename/", data={"title": "Later"})
    other.wait_for("conversation.updated", title="Later")

    assert [event for event in other.events if event["type"] == "conversation.stale"] == []
