from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support import factories
from vision_chat.models import (
    Completion,
    Conversation,
    Generation,
    ImageCopy,
    Message,
    UploadedImage,
    WaitingMessage,
)
from vision_chat.models.conversation import UNDO_WINDOW
from vision_chat.services.conversations.purge import BATCH, BATCH_MESSAGES, purge_deleted

pytestmark = pytest.mark.each_database


def deleted_ago(conversation: Conversation, ago: timedelta) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(deleted_at=timezone.now() - ago)


def test_purge_takes_rows_and_files_after_the_window(ann: User) -> None:
    conversation, image = factories.conversation(ann), factories.image(ann)
    paths = factories.paths(image)
    factories.attach(factories.turn(conversation), image)
    reply = factories.turn(conversation, "And this?")
    waiting_image = factories.image(ann)
    factories.waiting_for(reply, "And that?", waiting_image)
    paths += factories.paths(waiting_image)
    deleted_ago(conversation, UNDO_WINDOW + timedelta(seconds=1))
    assert all(path.exists() for path in paths)

    assert purge_deleted() == 1
    for model in (Conversation, Message, WaitingMessage, Generation, Completion, UploadedImage, ImageCopy):
        assert not model.objects.exists()
    assert not any(path.exists() for path in paths)
    assert not paths[0].parent.exists(), "an empty folder is rubbish too"


def test_purge_leaves_everything_within_the_window(ann: User) -> None:
    conversation, image = factories.conversation(ann), factories.image(ann)
    factories.attach(factories.turn(conversation), image)
    deleted_ago(conversation, UNDO_WINDOW - timedelta(seconds=5))

    assert purge_deleted() == 0
    assert all(path.exists() for path in factories.paths(image))


def test_purge_leaves_what_was_not_deleted(ann: User) -> None:
    factories.conversation(ann, days_ago=400)
    assert purge_deleted() == 0
    assert Conversation.objects.count() == 1


def test_purge_leaves_an_image_that_another_conversation_shows(ann: User) -> None:
    gone, kept, image = factories.conversation(ann), factories.conversation(ann), factories.image(ann)
    factories.attach(factories.turn(gone), image)
    factories.attach(factories.turn(kept), image)
    deleted_ago(gone, UNDO_WINDOW * 2)

    assert purge_deleted() == 1
    assert all(path.exists() for path in factories.paths(image))
    assert UploadedImage.objects.get() == image


def long_deleted(owner: User, messages: int = 0) -> Conversation:
    conversation = factories.conversation(owner, deleted_at=timezone.now() - UNDO_WINDOW * 2)
    Message.objects.bulk_create(Message(conversation=conversation, role="user") for _ in range(messages))
    return conversation


def test_purge_takes_many_conversations_in_batches(ann: User) -> None:
    for _ in range(BATCH + 3):
        long_deleted(ann)

    assert [purge_deleted() for _ in range(3)] == [BATCH, 3, 0]
    assert not Conversation.objects.exists()


def test_a_batch_ends_before_it_has_too_many_messages(ann: User) -> None:
    for _ in range(3):
        long_deleted(ann, BATCH_MESSAGES // 2)

    assert [purge_deleted() for _ in range(3)] == [2, 1, 0]


def test_a_conversation_longer_than_a_batch_is_purged_by_itself(ann: User) -> None:
    for _ in range(2):
        long_deleted(ann, BATCH_MESSAGES + 1)

    assert [purge_deleted() for _ in range(3)] == [1, 1, 0]
    assert not Message.objects.exists()
