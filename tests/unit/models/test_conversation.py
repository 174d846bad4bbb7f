"""Who may see a conversation, and what it is called in sentences."""

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.utils import timezone

from tests.support import factories
from vision_chat.models import Conversation

pytestmark = pytest.mark.each_database


@pytest.mark.parametrize("is_deleted", [False, True], ids=["kept", "deleted"])
@pytest.mark.parametrize(
    ("who", "may"), [("ann", True), ("stranger", False), ("nobody", False), ("admin", False)]
)
def test_visible_to_lets_in_nobody_but_the_owner(
    ann: User, stranger: User, who: str, may: bool, is_deleted: bool
) -> None:
    conversation = factories.conversation(ann)
    if is_deleted:
        conversation.deleted_at = timezone.now()
        conversation.save()
    admin = User.objects.create_superuser("somebody")
    people: dict[str, User | AnonymousUser] = {
        "ann": ann,
        "stranger": stranger,
        "nobody": AnonymousUser(),
        "admin": admin,
    }
    user = people[who]

    assert Conversation.objects.visible_to(user).exists() is (may and not is_deleted)


@pytest.mark.parametrize(
    ("title", "name"),
    [("Stairs", "Stairs"), ("", "Untitled conversation"), ("קבלה", "\u2068קבלה\u2069")],
)
def test_the_title_stands_in_sentences_and_leaves_their_direction(title: str, name: str) -> None:
    assert str(Conversation(title=title)) == name
