"""Rows of the database as links of the chain."""

from collections.abc import Iterator

from vision_chat.models import AuditEntry
from vision_chat.services.audit.canonical import Link, moment

PAGE = 1000


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


def links_after(sequence: int, up_to: int | None = None) -> Iterator[tuple[Link, str]]:
    """Yield entries behind a number with their hashes, a page at a time."""
    entries = AuditEntry.objects.order_by("sequence")
    if up_to is not None:
        entries = entries.filter(sequence__lte=up_to)
    while page := list(entries.filter(sequence__gt=sequence)[:PAGE]):
        for entry in page:
            yield link_of(entry), entry.hash
        sequence = page[-1].sequence
