"""Archiving: old entries go to a file, and an entry says so, by which "archived" is told from "cut"."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.db import transaction

from vision_chat.models import AuditEntry, AuditHead
from vision_chat.services.audit import heads
from vision_chat.services.audit.appending import record
from vision_chat.services.audit.archives import written
from vision_chat.services.audit.canonical import Details, Link
from vision_chat.services.audit.chain import Walk
from vision_chat.services.audit.links import PAGE, links_after


def archive(before: datetime, path: Path) -> int:
    """Move the entries from before a moment to a new file. Returns their number, 0 where there are none.

    The file is on the disk, and the log says so, before a row is removed. Where this was interrupted, the
    next call goes on. Raises BrokenChainError, OSError and AuditUnavailableError; then every row stays.
    """
    sealed = _sealed()
    _remove_up_to(sealed)
    up_to = _last_before(before)
    if up_to <= sealed:
        return 0
    walk = Walk(up_to)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        try:
            sha256 = written(file, _checked(walk, sealed, up_to))
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            path.unlink()
            raise
    _seal(walk, sealed, sha256)
    _remove_up_to(up_to)
    return walk.count


def _sealed() -> int:
    head = AuditHead.objects.filter(pk=heads.KEY).first()
    return 0 if head is None else head.sealed_sequence


def _last_before(moment: datetime) -> int:
    """Return the number of the last entry of which all up to it are older."""
    entries = AuditEntry.objects.order_by("sequence").values_list("sequence", flat=True)
    if later := entries.filter(at__gte=moment).first():
        return later - 1
    return entries.last() or 0


def _checked(walk: Walk, sealed: int, up_to: int) -> Iterator[tuple[Link, str]]:
    """Yield the entries to archive, as long as the chain holds: what is broken is not put away."""
    for link, stored in links_after(sealed, up_to):
        walk.take(link, stored)
        yield link, stored


@transaction.atomic
def _seal(walk: Walk, sealed: int, sha256: str) -> None:
    """Let the log tell of the archive, and its triggers let the rows go."""
    if heads.locked().sealed_sequence != sealed:
        raise FileExistsError("The log is being archived by another command.")
    details: Details = {
        "up_to": walk.last_sequence,
        "hash": walk.last_hash,
        "count": walk.count,
        "sha256": sha256,
    }
    record(AuditEntry.Action.SEALED, None, details=details)
    AuditHead.objects.filter(pk=heads.KEY).update(sealed_sequence=walk.last_sequence)


def _remove_up_to(sealed: int) -> None:
    """Remove what is archived, a page at a time, so that others can append meanwhile."""
    entries = (
        AuditEntry.objects.filter(sequence__lte=sealed).order_by("sequence").values_list("pk", flat=True)
    )
    while page := list(entries[:PAGE]):
        AuditEntry.objects.filter(sequence__lte=page[-1]).delete()
