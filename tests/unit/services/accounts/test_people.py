import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.use_cases import call
from vision_chat.models import Conversation
from vision_chat.services.accounts import people
from vision_chat.services.conversations.delete import delete

pytestmark = pytest.mark.each_database


def test_an_account_is_deleted_with_everything_that_is_its_owners(ann: User, stranger: User) -> None:
    sent, unsent, others = factories.image(ann), factories.image(ann), factories.image(stranger)
    paths = [factories.paths(image) for image in (sent, unsent, others)]
    factories.attach(factories.turn(factories.conversation(ann)), sent)
    hidden = factories.conversation(ann)
    factories.turn(hidden)
    call(ann, delete, hidden.pk)
    factories.turn(factories.conversation(stranger))
    people.delete(ann)

    assert [any(path.exists() for path in files) for files in paths] == [False, False, True]
    assert list(User.objects.all()) == [stranger]
    assert {conversation.owner for conversation in Conversation.objects.all()} == {stranger}
