"""Grants to read a conversation of somebody else: for a reason that is written down, and for a while."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from vision_chat.errors.reviews import ReasonNeededError
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import AuditEntry, Conversation, ReadGrant, permissions
from vision_chat.models.conversation import unsealed_for
from vision_chat.models.read_grant import MAX_REASON_LENGTH
from vision_chat.services import audit

MIN_REASON_LENGTH: Final = 5
"""Characters of the shortest reason: enough that a person thinks of one."""


def minutes() -> int:
    """Return for how many minutes a reason lets somebody read."""
    configured: int = settings.VISION_CHAT.read_grant_minutes
    return configured


def end_of_time() -> datetime:
    """Return the moment at which a time to read ends that begins now."""
    return timezone.now() + timedelta(minutes=minutes())


def give(reader: User, conversation: Conversation, reason: str) -> ReadGrant:
    """Let somebody read one conversation for READ_GRANT_MINUTES, and write that down.

    Raises ReasonNeededError, NotFoundError where it was deleted, PermissionDenied (also where its owner does
    not consent), and AuditUnavailableError.
    """
    words = checked_reason(reader, reason)
    with transaction.atomic():
        found = locked_conversation(conversation)
        if not Conversation.objects.filter(unsealed_for(reader), pk=found.pk).exists():
            raise PermissionDenied
        return give_locked(reader, found, words, end_of_time())


def checked_reason(reader: User, reason: str) -> str:
    """Return the words of a reason. Raises ReasonNeededError, and PermissionDenied for who may give none."""
    words = " ".join(reason.split())
    if not MIN_REASON_LENGTH <= len(words) <= MAX_REASON_LENGTH:
        raise ReasonNeededError
    if not may_give_reasons(reader):
        raise PermissionDenied
    return words


def may_give_reasons(reader: User) -> bool:
    """Tell whether a reason lets this person read."""
    return reader.is_active and reader.is_staff and reader.has_perm(permissions.VIEW_CONVERSATIONS)


def locked_conversation(conversation: Conversation) -> Conversation:
    """Lock a conversation within a transaction. Raises NotFoundError where it was deleted."""
    rows = Conversation.objects.filter(deleted_at=None).select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=conversation.pk).first()
    if found is None:
        raise NotFoundError
    return found


def give_locked(reader: User, conversation: Conversation, words: str, until: datetime) -> ReadGrant:
    """Give a grant that lasts until then, within a transaction that has locked the conversation."""
    grant = ReadGrant.objects.create(reader=reader, conversation=conversation, reason=words, until=until)
    details = {"grant": grant.pk, "minutes": minutes()}
    audit.record(AuditEntry.Action.GRANTED, reader, conversation=conversation, details=details)
    # excerpts and pictures of lists may be read from now on, without its page
    audit.record(AuditEntry.Action.OPENED, reader, conversation=conversation)
    return grant


def current(reader: User | AnonymousUser, conversation: Conversation) -> ReadGrant | None:
    """Return the grant by which somebody reads the conversation now, the one that lasts longest."""
    return ReadGrant.objects.current(reader).filter(conversation=conversation).order_by("-until").first()
