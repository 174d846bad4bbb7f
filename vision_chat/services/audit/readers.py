"""Who has read a person's conversations, as that person may know it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone

from vision_chat.models import Assignment, AuditEntry, AuditName, Conversation, ReadGrant

LATEST = 200
Action = AuditEntry.Action


@dataclass(frozen=True, slots=True)
class Reading:
    """What somebody did with one's conversation, which is None where it is gone. `reason` is what they gave.

    It stands for as many entries as `opened` and `exported` say.
    """

    reader: AuditName | None
    at: datetime
    opened: int
    exported: int
    conversation: Conversation | None
    reason: str
    is_review: bool
    conversation_id: UUID | None = None


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
            opened=int(entry.action == Action.OPENED),
            exported=int(entry.action == Action.EXPORTED),
            conversation=conversations.get(entry.conversation_id) if entry.conversation_id else None,
            reason=_reason(entry, grants),
            is_review=(entry.actor_id, entry.conversation_id) in reviewed,
            conversation_id=entry.conversation_id,
        )
        for entry in entries
    ]


def by_day(readings: Iterable[Reading]) -> list[Reading]:
    """Return one reading for each person, conversation and day: the latest, with the counts of all."""
    days: dict[object, Reading] = {}
    for one in readings:
        key = one.reader, one.conversation_id, timezone.localtime(one.at).date()
        latest = days.setdefault(key, replace(one, opened=0, exported=0))
        days[key] = replace(
            latest,
            opened=latest.opened + one.opened,
            exported=latest.exported + one.exported,
            reason=latest.reason or one.reason,
        )
    return list(days.values())


def _reason(entry: AuditEntry, grants: Collection[ReadGrant]) -> str:
    """Return the last reason that the reader had given then; "" where they needed none."""
    about: tuple[int | None, UUID | None] = entry.actor_id, entry.conversation_id
    reasons = (
        grant.reason
        for grant in grants
        if (grant.reader_id, grant.conversation_id) == about and grant.created_at <= entry.at <= grant.until
    )
    return next(reasons, "")
