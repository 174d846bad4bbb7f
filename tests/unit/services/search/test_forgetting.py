"""Words of deleted messages go out of the files of SQLite."""

import pytest
from django.contrib.auth.models import User
from django.db import connection

from tests.support import factories, remains
from vision_chat.models import Conversation
from vision_chat.services.conversations.purge import purge
from vision_chat.services.search import forgetting
from vision_chat.services.uploads._traces import leave_no_trace

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="other databases have files of another kind"),
]

SECRET = "xylographer"


def traces() -> int:
    assert leave_no_trace()
    return sum(data.count(SECRET.encode()) for data in remains.database_files())


def test_no_word_of_what_was_purged_is_left_once_the_index_is_merged(ann: User) -> None:
    kept = [factories.conversation(ann, f"Stairs {number}") for number in range(3)]
    secret = factories.conversation(ann, SECRET)
    for conversation in (*kept, secret, kept[0]):
        factories.turn(conversation, SECRET if conversation == secret else "Stairs", "Twenty steps.")
        factories.index(conversation)
    purge([secret])
    assert traces() > 0  # without this there would be nothing to do, as with a newer SQLite

    forgetting.begin()
    while forgetting.go_on():
        pass
    assert traces() == 0
    assert Conversation.objects.count() == len(kept)
