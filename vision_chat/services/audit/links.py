"""Rows of the database as links of the chain."""

from vision_chat.models import AuditEntry
from vision_chat.services.audit.canonical import Link, moment


def link_of(entry: AuditEntry) -> Link:
    return Link(
        sequence=entry.sequence,
        at=moment(entry.at),
        action=str(entry.action),
        actor=entry.actor_id,
        subject=entry.subject_id,
        conversation=None if entry.conversation_id is None else str(entry.conversation_id),
        details=entry.details,
        previous=entry.previous,
    )
