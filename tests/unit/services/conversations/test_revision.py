"""The revision of a conversation: another one after whatever a page may lack."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support import factories
from vision_chat.models import Conversation, Message
from vision_chat.models.generation import Status
from vision_chat.services.conversations.revision import Revision, revisions_of

pytestmark = pytest.mark.each_database


def revision(conversation: Conversation) -> Revision:
    conversation.refresh_from_db()
    (found,) = revisions_of([conversation])
    return found


def test_a_revision_is_another_one_after_each_step_of_a_turn_and_of_what_waits_for_it(ann: User) -> None:
    conversation = factories.conversation(ann)
    seen = [revision(conversation)]
    reply = factories.turn(conversation, status=Status.RUNNING)
    seen.append(revision(conversation))
    waiting = factories.waiting_for(reply)
    seen.append(revision(conversation))
    waiting.waiting.is_due = True
    waiting.waiting.save()
    seen.append(revision(conversation))
    reply.generations.update(status=Status.COMPLETED)
    seen.append(revision(conversation))
    Message.objects.filter(pk=waiting.pk).delete()
    seen.append(revision(conversation))
    factories.add_generation(reply, status=Status.COMPLETED)
    seen.append(revision(conversation))
    Conversation.objects.update(tree_revision=conversation.tree_revision + 1)
    seen.append(revision(conversation))

    assert len(set(map(str, seen))) == len(seen)
    assert [each.is_at_rest for each in seen] == [True, False, False, False, False, True, True, True]


def test_revisions_of_many_are_read_in_as_many_queries_as_that_of_one(ann: User) -> None:
    conversations = [factories.conversation(ann) for _ in range(3)]
    for conversation in conversations[:2]:
        factories.turn(conversation)
    with CaptureQueriesContext(connection) as queries:
        many = revisions_of(conversations)

    assert len(queries) == 2
    assert many == [revision(conversation) for conversation in conversations]
