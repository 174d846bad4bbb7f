"""Who has read a person's conversations, as that person may know it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.models import Assignment, AuditEntry, AuditName, Conversation, ReadGrant

LATEST = 50
Action = AuditEntry.Action


@dataclass(frozen=True, slots=True)
class Reading:
    """An entry about one's conversation, which is None where it is gone. `reason` is what the reader gave."""

    reader: AuditName | None
    at: datetime
    is_export: bool
    conversation: Conversation | None
    reason: str
    is_review: bool


def readers_of(owner: AbstractBaseUser) -> list[Reading]:
    """Return the last who have read or exported somebody's conversations, the latest first."""
    found = AuditEntry.objects.filter(subject=owner.pk, action__in=[Action.OPENED, Action.EXPORTED])
    entries = list(found.exclude(actor=owner.pk).select_related("actor").order_by("-sequence")[:LATEST])
    ids = {entry.conversation_id for entry in entries if entry.conversation_id is not None}
    conversations = Conversation.objects.visible_to(owner).in_bulk(ids)
    grants = list(ReadGrant.objects.filter(conversation__in=ids).order_by("-created_at"))
    reviewed = set(
        Assignment.objects.filter(item__conversation__in=ids).values_list("reviewer", "item__conversation")
    )
    return [
        Reading(
            reader=entry.actor,
            at=entry.at,
            is_export=entry.action == Action.EXPORTED,
            conversation=conversations.get(entry.conversation_id) if entry.conversation_id else None,
            reason=_reason(entry, grants),
            is_review=(entry.actor_id, entry.conversation_id) in reviewed,
        )
        for entry in entries
    ]


def _reason(entry: AuditEntry, grants: Collection[ReadGrant]) -> str:
    """Return the last reason that the reader had given then; "" where they needed none."""
    about: tuple[int | None, UUID | None] = entry.actor_id, entry.conversation_id
    reasons = (
        grant.reason
        for grant in grants
        if (grant.reader_id, grant.conversation_id) == about and grant.created_at <= entry.at <= grant.until
    )
    return next(reasons, "")
