import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.use_cases import call
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Conversation
from vision_chat.services.conversations.rename import rename


def test_rename_changes_the_title_and_not_the_place_in_the_list(ann: User) -> None:
    conversation = factories.conversation(ann, "Before", days_ago=3)
    call(ann, rename, conversation.pk, "After")

    renamed = Conversation.objects.get()
    assert (renamed.title, renamed.updated_at) == ("After", conversation.updated_at)


def test_rename_finds_no_conversation_of_somebody_else(ann: User, stranger: User) -> None:
    conversation = factories.conversation(ann, "Before")
    with pytest.raises(NotFoundError):
        call(stranger, rename, conversation.pk, "After")

    assert Conversation.objects.get().title == "Before"
