"""Rows of the database as links of the chain."""

from collections.abc import Iterator

from django.db.models import QuerySet

from vision_chat.models import AuditEntry
from vision_chat.services.audit.canonical import Link, moment
from vision_chat.services.audit.chain import BrokenChainError, Kind

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
    """Yield entries behind a number with their hashes, a page at a time. Raises BrokenChainError."""
    entries = AuditEntry.objects.order_by("sequence")
    if up_to is not None:
        entries = entries.filter(sequence__lte=up_to)
    while page := _page(entries.filter(sequence__gt=sequence)):
        for entry in page:
            yield link_of(entry), entry.hash
        sequence = page[-1].sequence


def _page(entries: "QuerySet[AuditEntry]") -> list[AuditEntry]:
    try:
        return list(entries[:PAGE])
    except ValueError:  # details that are JSON to the database, such as a number of 5,000 digits
        for number in entries.values_list("pk", flat=True)[:PAGE]:
            _read(number)
        raise


def _read(number: int) -> None:
    try:
        AuditEntry.objects.get(pk=number)
    except ValueError as error:
        raise BrokenChainError(Kind.CHANGED, number, f"Entry {number} cannot be read.") from error
