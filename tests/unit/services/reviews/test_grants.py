"""Grants to read: who may have one, and for how long."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from tests.support import factories
from tests.support.people import granted, in_group, staff
from vision_chat.errors.reviews import AuditUnavailableError, ReasonNeededError
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import AuditEntry, Conversation, ReadGrant
from vision_chat.services.audit.readers import readers_of
from vision_chat.services.reviews import grants

pytestmark = pytest.mark.django_db


@pytest.fixture
def stairs() -> Conversation:
    return factories.conversation(User.objects.create_user("ann"))


@pytest.fixture
def lead() -> User:
    return in_group("zoe", "Leads")


def may_read(person: User, conversation: Conversation) -> bool:
    return Conversation.objects.reviewable_by(person).filter(pk=conversation.pk).exists()


def test_a_grant_is_for_one_person_one_conversation_and_a_time(
    lead: User, stairs: Conversation, settings: Any
) -> None:
    settings.VISION_CHAT = replace(settings.VISION_CHAT, read_grant_minutes=5)
    other = factories.conversation(stairs.owner)
    assert not may_read(lead, stairs)

    grant = grants.give(lead, stairs, "Ann asked me.")

    assert grant.until - timezone.now() <= timedelta(minutes=5)
    assert may_read(lead, stairs)
    assert not may_read(lead, other)
    assert not may_read(in_group("max", "Leads"), stairs)
    assert grants.current(lead, stairs) == grant
    assert grants.current(lead, other) is None


def test_the_owner_is_shown_each_grant_and_its_reason_whatever_is_read_by_it(
    lead: User, stairs: Conversation
) -> None:
    for reason in ("Ann asked me.", "Ann asked again."):
        grants.give(lead, stairs, reason)

    readings = readers_of(stairs.owner)
    assert {reading.reason for reading in readings} == {"Ann asked me.", "Ann asked again."}
    assert {str(reading.reader) for reading in readings} == {"zoe"}


def test_of_several_grants_the_one_that_lasts_longest_counts(lead: User, stairs: Conversation) -> None:
    longest = granted(lead, stairs, 20)
    granted(lead, stairs, 10)
    granted(lead, stairs, -1)

    assert grants.current(lead, stairs) == longest


@pytest.mark.parametrize("reason", ["", "why", " why  ", "x" * 301])
def test_a_reason_that_says_nothing_is_refused(lead: User, stairs: Conversation, reason: str) -> None:
    with pytest.raises(ReasonNeededError):
        grants.give(lead, stairs, reason)


def test_no_reason_gives_the_right_to_those_who_have_it_not(stairs: Conversation) -> None:
    for person in (stairs.owner, staff("clerk"), in_group("rose", "Reviewers"), in_group("max", "Auditors")):
        with pytest.raises(PermissionDenied):
            grants.give(person, stairs, "Ann asked me.")

    assert not ReadGrant.objects.exists()


def test_a_conversation_that_was_deleted_meanwhile_is_not_there(lead: User, stairs: Conversation) -> None:
    Conversation.objects.update(deleted_at=timezone.now())

    with pytest.raises(NotFoundError):
        grants.give(lead, stairs, "Ann asked me.")


def test_a_grant_that_cannot_be_written_down_is_none(lead: User, stairs: Conversation) -> None:
    with factories.without_table("vision_chat_auditentry"), pytest.raises(AuditUnavailableError):
        grants.give(lead, stairs, "Ann asked me.")

    assert not ReadGrant.objects.exists()
    assert not AuditEntry.objects.exists()
