from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support import factories
from tests.support.use_cases import ask, call, finish
from tests.support.waiting import ask_meanwhile, end, state_of
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Message, UploadedImage, WaitingMessage
from vision_chat.models.image import MAX_UNSENT_AGE
from vision_chat.services.conversations.withdraw import withdraw
from vision_chat.services.replies.turn import Turn
from vision_chat.services.uploads.storage import sweep_unsent

pytestmark = pytest.mark.each_database


@pytest.fixture
def turn(ann: User) -> Turn:
    return ask(ann)


def test_withdraw_leaves_nothing_to_be_sent(ann: User, turn: Turn) -> None:
    waiting = ask_meanwhile(ann, turn)
    call(ann, withdraw, waiting.pk)

    assert end(turn.reply.pk) is None
    assert state_of(waiting) == "gone"
    assert not WaitingMessage.objects.exists()
    assert Message.objects.count() == 2


def test_withdraw_makes_room_for_another_message(ann: User, turn: Turn) -> None:
    call(ann, withdraw, ask_meanwhile(ann, turn).pk)

    assert state_of(ask_meanwhile(ann, turn, "This instead")) == "waiting"


def test_an_image_that_waited_for_days_is_not_swept_and_can_be_sent_after_a_withdrawal(
    ann: User, turn: Turn
) -> None:
    image = factories.image(ann)
    waiting = ask_meanwhile(ann, turn, image_ids=[image.pk])
    UploadedImage.objects.update(created_at=timezone.now() - MAX_UNSENT_AGE - timedelta(days=3))
    assert sweep_unsent() == 0
    call(ann, withdraw, waiting.pk)

    assert sweep_unsent() == 0
    assert state_of(ask_meanwhile(ann, turn, image_ids=[image.pk])) == "waiting"


def test_withdraw_comes_too_late_for_what_was_sent(ann: User, turn: Turn) -> None:
    waiting = ask_meanwhile(ann, turn)
    end(turn.reply.pk)
    with pytest.raises(NotFoundError):
        call(ann, withdraw, waiting.pk)

    assert state_of(waiting) == "sent"


def test_withdraw_finds_neither_a_stranger_s_message_nor_a_reply(
    ann: User, stranger: User, turn: Turn
) -> None:
    waiting = ask_meanwhile(ann, turn)
    finish(turn)
    for person, message_id in ((stranger, waiting.pk), (ann, turn.reply.pk), (ann, 10**17)):
        with pytest.raises(NotFoundError):
            call(person, withdraw, message_id)

    assert state_of(waiting) == "waiting"
