"""What is deleted goes: rows and files, in time, and nothing that somebody else still shows."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from tests.support import factories
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Conversation, Generation, Message, UploadedImage
from vision_chat.models.conversation import UNDO_WINDOW
from vision_chat.models.image import UNSENT_FOR
from vision_chat.services import uploads
from vision_chat.services.accounts import people
from vision_chat.services.conversations import deletion


def files_of(image: UploadedImage) -> list[Path]:
    paths = [settings.VISION_CHAT.media_dir / name for name in factories.file_names(image)]
    assert len(paths) == 3
    return paths


def exist(image: UploadedImage) -> bool:
    """Whether its files are there: all of them, or none."""
    (there,) = {path.exists() for path in files_of(image)}
    return there


def deleted_ago(conversation: Conversation, ago: timedelta) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(deleted_at=timezone.now() - ago)


def test_what_was_deleted_can_be_undone_for_a_while(ann: User) -> None:
    conversation = factories.conversation(ann)
    deletion.hide(ann, conversation.pk)
    assert deletion.purge_hidden() == 0
    deletion.restore(ann, conversation.pk)

    assert Conversation.objects.visible_to(ann).count() == 1


def test_after_the_window_rows_and_files_go(ann: User) -> None:
    conversation, image = factories.conversation(ann), factories.picture(ann)
    factories.attach(factories.turn(conversation), image)
    factories.turn(conversation, "And this?")
    deleted_ago(conversation, UNDO_WINDOW + timedelta(seconds=1))
    assert exist(image)

    assert deletion.purge_hidden() == 1
    for model in (Conversation, Message, Generation, UploadedImage):
        assert not model.objects.exists()
    assert not exist(image)
    assert not files_of(image)[0].parent.exists(), "an empty folder is rubbish too"


def test_within_the_window_everything_stays(ann: User) -> None:
    conversation, image = factories.conversation(ann), factories.picture(ann)
    factories.attach(factories.turn(conversation), image)
    deleted_ago(conversation, UNDO_WINDOW - timedelta(seconds=5))

    assert deletion.purge_hidden() == 0
    assert exist(image)


def test_what_was_not_deleted_is_not_purged(ann: User) -> None:
    factories.conversation(ann, days_ago=400)
    assert deletion.purge_hidden() == 0
    assert Conversation.objects.count() == 1


def test_a_picture_that_another_conversation_shows_stays(ann: User) -> None:
    gone, kept, image = factories.conversation(ann), factories.conversation(ann), factories.picture(ann)
    factories.attach(factories.turn(gone), image)
    factories.attach(factories.turn(kept), image)
    deleted_ago(gone, UNDO_WINDOW * 2)

    assert deletion.purge_hidden() == 1
    assert exist(image)
    assert UploadedImage.objects.get() == image


def test_a_deletion_that_is_rolled_back_leaves_the_files(ann: User) -> None:
    image = factories.picture(ann)
    with transaction.atomic():
        uploads.delete_unused([image])
        transaction.set_rollback(True)

    assert exist(image)
    assert UploadedImage.objects.count() == 1


def test_a_missing_file_does_not_keep_the_rest_from_going(ann: User) -> None:
    image = factories.picture(ann)
    files_of(image)[0].unlink()
    assert uploads.delete_unused([image]) == 1
    assert not exist(image)


@pytest.mark.parametrize("action", [deletion.hide, deletion.restore])
def test_a_stranger_deletes_and_restores_nothing(ann: User, stranger: User, action: object) -> None:
    conversation = factories.conversation(ann)
    assert callable(action)
    with pytest.raises(NotFoundError):
        action(stranger, conversation.pk)
    assert Conversation.objects.get().deleted_at is None


def test_a_picture_that_was_never_sent_is_swept_after_a_day(ann: User) -> None:
    old, new, sent = factories.picture(ann), factories.picture(ann), factories.picture(ann)
    factories.attach(factories.turn(factories.conversation(ann)), sent)
    long_ago = timezone.now() - UNSENT_FOR - timedelta(seconds=1)
    UploadedImage.objects.filter(pk__in=[old.pk, sent.pk]).update(created_at=long_ago)

    assert uploads.sweep_unsent() == 1
    assert [exist(image) for image in (old, new, sent)] == [False, True, True]
    assert set(UploadedImage.objects.all()) == {new, sent}


def test_an_account_goes_with_all_that_is_its_owners(ann: User, stranger: User) -> None:
    sent, unsent, others = factories.picture(ann), factories.picture(ann), factories.picture(stranger)
    factories.attach(factories.turn(factories.conversation(ann)), sent)
    hidden = factories.conversation(ann)
    factories.turn(hidden)
    deletion.hide(ann, hidden.pk)
    factories.turn(factories.conversation(stranger))
    people.delete(ann)

    assert [exist(image) for image in (sent, unsent, others)] == [False, False, True]
    assert list(User.objects.all()) == [stranger]
    assert {conversation.owner for conversation in Conversation.objects.all()} == {stranger}
