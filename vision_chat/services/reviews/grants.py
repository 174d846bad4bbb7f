"""Grants to read a conversation of somebody else: for a reason that is written down, and for a while."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from vision_chat.errors.reviews import ReasonNeededError
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import AuditEntry, Conversation, ReadGrant, permissions
from vision_chat.models.read_grant import MAX_REASON_LENGTH
from vision_chat.services import audit

MIN_REASON_LENGTH: Final = 5
"""Characters of the shortest reason: enough that a person thinks of one."""


def minutes() -> int:
    """Return for how many minutes a reason lets somebody read."""
    configured: int = settings.VISION_CHAT.read_grant_minutes
    return configured


def give(reader: User, conversation: Conversation, reason: str) -> ReadGrant:
    """Let somebody read one conversation for READ_GRANT_MINUTES, and write that down.

    Raises ReasonNeededError, NotFoundError where it was deleted, PermissionDenied, and AuditUnavailableError.
    """
    words = " ".join(reason.split())
    if not MIN_REASON_LENGTH <= len(words) <= MAX_REASON_LENGTH:
        raise ReasonNeededError
    if not (reader.is_staff and reader.has_perm(permissions.VIEW_CONVERSATIONS)):
        raise PermissionDenied
    with transaction.atomic():
        rows = Conversation.objects.filter(deleted_at=None).select_for_update(of=("self",), no_key=True)
        found = rows.filter(pk=conversation.pk).first()
        if found is None:
            raise NotFoundError
        until = timezone.now() + timedelta(minutes=minutes())
        grant = ReadGrant.objects.create(reader=reader, conversation=found, reason=words, until=until)
        audit.record(
            AuditEntry.Action.GRANTED,
            reader,
            conversation=found,
            details={"grant": grant.pk, "minutes": minutes()},
        )
        # excerpts and pictures of lists may be read from now on, without its page
        audit.record(AuditEntry.Action.OPENED, reader, conversation=found)
    return grant


def current(reader: User | AnonymousUser, conversation: Conversation) -> ReadGrant | None:
    """Return the grant by which somebody reads the conversation now, the one that lasts longest."""
    return ReadGrant.objects.current(reader).filter(conversation=conversation).order_by("-until").first()
