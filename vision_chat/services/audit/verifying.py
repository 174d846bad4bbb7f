"""Verifying the log: archives, rows, the row with the end, and the daily files, in this order."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path

from django.db.models import Q

from vision_chat.models import AuditEntry, AuditHead
from vision_chat.services.audit import heads, names
from vision_chat.services.audit.archives import ArchiveFile
from vision_chat.services.audit.chain import BrokenChainError, Kind, Seal, Walk
from vision_chat.services.audit.heads import Head
from vision_chat.services.audit.links import links_after

BATCH = 500
TOLD = 1
"""Stands for an entry of which a daily file tells."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was verified: entries, of them in archives, and heads of daily files; what is archived.

    `unpublished` are entries, first and last ones, that no daily file tells of since the first of them began.
    `other_names` are the numbers of people who have another name now than the log has.
    """

    first: int
    last: int
    entries: int
    archived: int
    heads: int
    seal: Seal | None
    unpublished: list[tuple[int, int]]
    other_names: list[int]


def verify(archives: Sequence[Path] = (), folders: Sequence[Path] | None = None) -> Report:
    """Verify the log with its archives, the oldest first, and daily files. Memory is a byte an entry.

    Raises BrokenChainError for the first break, and OSError where a file cannot be read.
    """
    before = _head()
    walk = Walk(before.sequence)
    archived = _along_archives(walk, archives)
    _along_rows(walk, before)
    walk.finish()
    _compare_archives(walk, archived)
    _compare_end(walk.last_sequence)
    count, unpublished = _compare_published(walk, [heads.folder()] if folders is None else folders)
    _compare_names()
    first = walk.first.sequence if walk.first else 0
    in_archives = archived[-1].sequence - first + 1 if archived else 0
    seal = walk.seals[-1] if walk.seals else None
    return Report(
        first, walk.last_sequence, walk.count, in_archives, count, seal, unpublished, names.others()
    )


@dataclass(frozen=True, slots=True)
class _Archive:
    """An archive that was read to its end."""

    path: Path
    sequence: int
    hash: str
    sha256: str


def _head() -> Head:
    head = AuditHead.objects.filter(pk=heads.KEY).first()
    return Head(0, "") if head is None else Head(head.sequence, head.hash)


def _along_archives(walk: Walk, paths: Sequence[Path]) -> list[_Archive]:
    found = []
    for path in paths:
        file = ArchiveFile(path)
        for link, stored in file.links():
            walk.take(link, stored)
        found.append(_Archive(path, walk.last_sequence, walk.last_hash, file.sha256))
    return found


def _along_rows(walk: Walk, head: Head) -> None:
    """Go along the rows behind the archives, to the head that there was before and further."""
    for link, stored in links_after(walk.last_sequence):
        walk.take(link, stored)
        if link.sequence == head.sequence and stored != head.hash:
            raise BrokenChainError(
                Kind.CHANGED,
                link.sequence,
                f"The end of the log has another hash than entry {link.sequence}.",
            )
    if walk.last_sequence < head.sequence:
        raise BrokenChainError(
            Kind.CUT,
            walk.last_sequence + 1,
            f"The log ends with entry {walk.last_sequence}, and should go on to entry {head.sequence}.",
        )


def _compare_archives(walk: Walk, archives: Iterable[_Archive]) -> None:
    """Compare archives with what later entries say of them."""
    sealed = {(seal.up_to, seal.hash, seal.sha256) for seal in walk.seals}
    for archive in archives:
        if (archive.sequence, archive.hash, archive.sha256) not in sealed:
            raise BrokenChainError(
                Kind.CHANGED,
                archive.sequence,
                f"{archive.path} is not the file that was archived up to entry {archive.sequence}.",
            )


def _compare_end(last: int) -> None:
    """Compare the last row with the head, which may have moved on meanwhile."""
    head = _head()
    if head.sequence < last:
        raise BrokenChainError(
            Kind.CHANGED, head.sequence + 1, f"Entry {head.sequence + 1} is behind the end of the log."
        )


def _compare_published(walk: Walk, folders: Iterable[Path]) -> tuple[int, list[tuple[int, int]]]:
    """Compare rows with the heads in daily files. Returns how many have a row, and which rows have none."""
    count = 0
    told = bytearray(walk.highest - walk.gone + 1)
    seals = {Head(seal.sequence, seal.stored) for seal in walk.seals}
    published: set[tuple[int, str]] = set()
    for folder in folders:
        for batch in _batches(heads.published(folder)):
            count += _compare_batch(walk, batch)
            published |= seals.intersection(batch)
            for head in batch:
                if walk.gone < head.sequence <= walk.highest:
                    told[head.sequence - walk.gone] = TOLD
    walk.rely_on(published)
    return count, list(_unpublished(told, walk.gone))


def _unpublished(told: bytearray, gone: int) -> Iterator[tuple[int, int]]:
    """Yield the entries that no daily file tells of, in ranges. Those of one moment have one line, the last.

    Whoever has the database alone can append an entry as the code would, but no line. A disk that was full
    leaves the same, so it is no break; nor is what came before the first line, whose file may be gone.
    """
    if (first := told.find(TOLD)) < 0:
        return
    rows = AuditEntry.objects.filter(sequence__range=(gone + first, gone + len(told) - 1))
    in_order = rows.order_by("sequence").values_list("at", "sequence").iterator(chunk_size=BATCH)
    begun = last = 0
    for _, moment in groupby(in_order, key=itemgetter(0)):
        numbers = [number for _, number in moment]
        if told[numbers[-1] - gone]:
            continue
        if begun and numbers[0] > last + 1:
            yield begun, last
            begun = 0
        begun, last = begun or numbers[0], numbers[-1]
    if begun:
        yield begun, last


def _compare_batch(walk: Walk, batch: list[Head]) -> int:
    wanted = [head.sequence for head in batch]
    stored = dict(AuditEntry.objects.filter(sequence__in=wanted).values_list("sequence", "hash"))
    for head in sorted(batch):
        known = stored.get(head.sequence)
        if known is None and head.sequence > walk.last_sequence:
            raise BrokenChainError(
                Kind.CUT,
                walk.last_sequence + 1,
                f"The log ends with entry {walk.last_sequence}; a daily file tells of entry {head.sequence}.",
            )
        if known is not None and known != head.hash:
            raise BrokenChainError(
                Kind.CHANGED,
                head.sequence,
                f"A daily file tells of another entry {head.sequence}: the log was written anew.",
            )
    return sum(head.sequence in stored for head in batch)


def _compare_names() -> None:
    """Compare the people of entries with accounts: an entry has the number, and its name stands beside it."""
    for number in names.exchanged():
        about = Q(actor=number) | Q(subject=number)
        entry = AuditEntry.objects.filter(about).order_by("sequence").values_list("pk", flat=True).first()
        raise BrokenChainError(
            Kind.CHANGED,
            entry or 0,
            f"The name of person {number} was given to another account, or taken from theirs.",
        )


def _batches(found: Iterator[Head]) -> Iterator[list[Head]]:
    while batch := list(islice(found, BATCH)):
        yield batch
