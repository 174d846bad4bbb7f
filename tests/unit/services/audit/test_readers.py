"""A person is told who has read their conversations, and why."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support import factories
from tests.support.audit_log import fill
from tests.support.people import granted
from vision_chat.models import AuditEntry
from vision_chat.services import audit
from vision_chat.services.audit.readers import LATEST, by_day, readers_of

pytestmark = pytest.mark.each_database
Action = AuditEntry.Action


def test_what_others_have_read_is_told_with_their_reasons(chief: User, owner: User) -> None:
    stairs, ladder = factories.conversation(owner, "Stairs"), factories.conversation(owner, "Ladder")
    granted(chief, stairs, reason="A report")
    granted(chief, ladder, minutes=-5, reason="An older one")
    audit.opened(chief, stairs)
    audit.record_each(Action.EXPORTED, chief, [ladder])
    audit.record_each(Action.EXPORTED, owner, [ladder])
    audit.record(Action.RIGHTS, chief, subject=owner)
    audit.opened(chief, factories.conversation(chief))

    assert [(str(one.reader), one.conversation, one.exported, one.reason) for one in readers_of(owner)] == [
        ("chief", ladder, 1, ""),
        ("chief", stairs, 0, "A report"),
    ]
    assert readers_of(chief) == []


def test_what_one_person_did_with_a_conversation_on_one_day_is_one_line(chief: User, owner: User) -> None:
    stairs, ladder = factories.conversation(owner, "Stairs"), factories.conversation(owner, "Ladder")
    granted(chief, stairs, reason="A report")
    audit.opened(chief, stairs)
    for _ in range(3):
        audit.record_each(Action.EXPORTED, chief, [stairs, ladder])
    audit.record(Action.EXPORTED, None, conversation=ladder)
    before, *others = readers_of(owner)
    yesterday = replace(before, at=before.at - timedelta(days=1))

    days = by_day([before, *others])
    lines = [(one.conversation, one.opened, one.exported, one.reason) for one in days]
    assert lines == [(ladder, 0, 1, ""), (ladder, 0, 3, ""), (stairs, 1, 3, "A report")]
    assert len(by_day([before, yesterday])) == 2


def test_what_is_deleted_is_told_without_its_title(chief: User, owner: User) -> None:
    stairs, hidden = factories.conversation(owner), factories.conversation(owner)
    audit.record_each(Action.OPENED, chief, [stairs, hidden])
    stairs.delete()
    hidden.deleted_at = timezone.now() - timedelta(seconds=1)
    hidden.save()

    assert [one.conversation for one in readers_of(owner)] == [None, None]


def test_the_last_ones_are_told_by_as_many_queries_as_one(
    chief: User, owner: User, django_assert_max_num_queries: object
) -> None:
    fill(chief, owner, LATEST + 5)
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        assert len(readers_of(owner)) == LATEST
