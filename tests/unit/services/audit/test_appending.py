"""Entries follow on each other, whoever appends; what cannot be logged fails."""

import pytest
from django.contrib.auth.models import User

from tests.support.factories import conversation as a_conversation
from vision_chat.models import AuditEntry, AuditHead, Conversation
from vision_chat.services import audit

pytestmark = pytest.mark.each_database
Action = AuditEntry.Action


@pytest.fixture
def conversation(ann: User) -> Conversation:
    return a_conversation(ann)


def test_entries_follow_on_each_other(administrator: User, conversation: Conversation) -> None:
    first = audit.record(Action.GRANTED, administrator, conversation=conversation, details={"minutes": 60})
    second = audit.record(Action.RIGHTS, administrator, subject=administrator)
    assert (first.sequence, first.previous, second.sequence, second.previous) == (1, "", 2, first.hash)
    assert [str(first.actor), str(first.subject), str(second.subject)] == ["root", "ann", "root"]
    head = AuditHead.objects.get()
    assert (head.sequence, head.hash) == (2, second.hash)
