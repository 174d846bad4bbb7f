"""Whom a completion outlives."""

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from vision_chat.models import Completion, Conversation, Generation

pytestmark = pytest.mark.each_database


def test_a_completion_goes_with_its_conversation_and_takes_no_other(ann: User) -> None:
    gone, kept = factories.conversation(ann), factories.conversation(ann)
    factories.turn(gone)
    factories.turn(gone)
    factories.turn(kept)
    Conversation.objects.filter(pk=gone.pk).delete()

    assert Completion.objects.get().conversation_id == kept.pk
    assert Generation.objects.get().completion == Completion.objects.get()


def test_a_completion_names_its_model_and_purpose(ann: User) -> None:
    factories.turn(factories.conversation(ann), model_name="some/model")

    assert str(Completion.objects.get()) == "some/model: reply"
