"""The end of the chain: one row, which whoever appends locks first, and lines elsewhere that tell of it.

A chain that was made anew from the middle agrees with itself and with its head, but not with the server's log
and the daily files. Whoever writes to the database need not be able to change those.
"""

import logging
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from vision_chat.errors.reviews import AuditUnavailableError
from vision_chat.models import AuditEntry, AuditHead

logger = logging.getLogger("vision_chat.audit")

KEY = 1
"""The key of the one row."""
LINE = re.compile(r"(\d{1,18}) ([0-9a-f]{64})\n")


class Head(NamedTuple):
    """The number and hash of an entry that was the last one."""

    sequence: int
    hash: str


def locked() -> AuditHead:
    """Return the end of the log, which nobody else moves before this transaction ends.

    Raises AuditUnavailableError where the row is gone and entries are not: they would not be followed on.
    """
    rows = AuditHead.objects.select_for_update()
    if head := rows.filter(pk=KEY).first():
        return head
    AuditHead.objects.bulk_create([AuditHead(pk=KEY)], ignore_conflicts=True)
    head = rows.get(pk=KEY)
    if head.sequence == 0 and AuditEntry.objects.exists():
        raise AuditUnavailableError("The row with the end of the audit log is missing.")
    return head


def publish(head: Head, at: datetime) -> None:
    """Write a head to the server's log and to the file of its day. A full disk is only logged."""
    logger.info("Entry %s of the audit log has the hash %s", head.sequence, head.hash)
    path = folder() / f"{at.astimezone(UTC):%Y-%m-%d}.txt"
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        _append(path, f"{head.sequence} {head.hash}\n".encode("ascii"))
    except OSError as error:
        logger.error("Entry %s of the audit log is not in %s: %s", head.sequence, path, error)  # noqa: TRY400 - the disk is full, not the program wrong


def _append(path: Path, line: bytes) -> None:
    """Add a line by one call, so that those of several processes do not mix."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        if os.write(file, line) != len(line):
            raise OSError("it was written in part")
    finally:
        os.close(file)


def folder() -> Path:
    """Return the folder of the daily files."""
    path: Path = settings.VISION_CHAT.audit_dir
    return path


def published(directory: Path) -> Iterator[Head]:
    """Yield the heads in the daily files, the oldest day first. A line that was cut off is passed over."""
    for path in sorted(directory.glob("????-??-??.txt")):
        with path.open(encoding="ascii", errors="replace") as file:
            for line in file:
                if match := LINE.fullmatch(line):
                    yield Head(int(match[1]), match[2])
