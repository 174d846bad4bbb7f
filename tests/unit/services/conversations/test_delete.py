from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support import factories
from tests.support.use_cases import RecordingRunner, ask, call
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Conversation
from vision_chat.models.conversation import UNDO_WINDOW
from vision_chat.services.conversations.delete import delete, restore

pytestmark = pytest.mark.each_database


def test_delete_hides_a_conversation_and_restore_brings_it_back(ann: User) -> None:
    conversation = factories.conversation(ann)
    call(ann, delete, conversation.pk)
    assert not Conversation.objects.visible_to(ann).exists()
    call(ann, restore, conversation.pk)

    assert Conversation.objects.visible_to(ann).get() == conversation


def test_restore_brings_the_item_of_the_list_back_with_its_picture(ann: User) -> None:
    conversation = factories.conversation(ann)
    image = factories.image(ann)
    question = factories.turn(conversation).parent
    assert question is not None
    factories.attach(question, image)
    call(ann, delete, conversation.pk)
    updated = call(ann, restore, conversation.pk)

    assert updated.conversation_id == str(conversation.pk)
    assert f"/images/{image.pk}/thumbnail/" in updated.html


def test_delete_stops_the_reply_that_runs(ann: User) -> None:
    turn, runner = ask(ann), RecordingRunner()
    call(ann, delete, turn.reply.conversation_id, runner=runner)

    assert runner.stopped == [turn.reply.pk]


def test_restore_comes_too_late_after_the_window(ann: User) -> None:
    conversation = factories.conversation(ann)
    Conversation.objects.update(deleted_at=timezone.now() - UNDO_WINDOW - timedelta(seconds=1))
    with pytest.raises(NotFoundError):
        call(ann, restore, conversation.pk)


@pytest.mark.parametrize("use_case", [delete, restore])
def test_delete_and_restore_find_no_conversation_of_somebody_else(
    ann: User, stranger: User, use_case: object
) -> None:
    conversation = factories.conversation(ann)
    assert callable(use_case)
    with pytest.raises(NotFoundError):
        call(stranger, use_case, conversation.pk)

    assert Conversation.objects.get().deleted_at is None
