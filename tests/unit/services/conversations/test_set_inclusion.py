"""Which images go with later questions, for good."""

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.use_cases import ask, call, finish
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import MessageImage
from vision_chat.services.conversations.set_inclusion import set_inclusion

pytestmark = pytest.mark.each_database


def test_the_choice_is_kept_with_each_message_that_shows_the_image(ann: User) -> None:
    image, other = factories.image(ann), factories.image(ann)
    turn = ask(ann, image_ids=[image.pk, other.pk])
    finish(turn)
    call(ann, set_inclusion, turn.reply.conversation_id, image.pk, "never")
    assert dict(MessageImage.objects.values_list("image", "included")) == {
        image.pk: "never",
        other.pk: "rule",
    }


def test_strangers_and_images_of_no_message_are_not_found(ann: User, stranger: User) -> None:
    image = factories.image(ann)
    turn = ask(ann, image_ids=[image.pk])
    finish(turn)
    conversation_id = turn.reply.conversation_id
    with pytest.raises(NotFoundError):
        call(stranger, set_inclusion, conversation_id, image.pk, "never")
    with pytest.raises(NotFoundError):
        call(ann, set_inclusion, conversation_id, factories.image(ann).pk, "never")
    assert MessageImage.objects.get().included == "rule"
