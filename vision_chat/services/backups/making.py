"""Making a backup while the server runs.

First all files are held, so that none is deleted; then one moment of the database is read; then its files. So
every row of the backup has its files in it. Daily files of the audit log are cut to what that moment has.
"""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import timezone

from vision_chat.services.audit import heads
from vision_chat.services.backups import contents, manifest
from vision_chat.services.backups.age import Encrypting
from vision_chat.services.backups.archive import ArchiveWriter, Writable
from vision_chat.services.backups.keeper import Keeper, holding_files
from vision_chat.services.backups.manifest import Manifest
from vision_chat.services.backups.progress import Progress, size
from vision_chat.services.backups.snapshots import Snapshot, snapshot
from vision_chat.services.files.errors import LOST

DATABASE: Final = "database"
MEDIA: Final = "media/"
AUDIT: Final = "audit/"
MISSING: Final = "missing.txt"
PAUSES: Final = (1.0, 5.0, 15.0)
"""Seconds after which a storage that does not answer is asked again."""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made, and how many files of rows were missing already."""

    manifest: Manifest
    missing: int


@dataclass(frozen=True, slots=True)
class _Moment:
    """What was read of one moment of the database: the whole of it, and a line for each of its files."""

    manifest: Manifest
    dump: IO[bytes]
    names: IO[bytes]


def make(
    target: Writable, scratch: Path, passphrase: str, progress: Progress, pauses: Sequence[float] = PAUSES
) -> Made:
    """Write a backup to `target`. Files without a name, as large as the database, go to `scratch` meanwhile.

    Raises BackupError, OSError where something cannot be read or written, and the errors of the database.
    """
    encrypting = Encrypting(target, passphrase) if passphrase else None
    with holding_files() as keeper:
        with (
            _moment(scratch, keeper, progress) as moment,
            ArchiveWriter(encrypting or target, scratch) as archive,
        ):
            archive.add_bytes(manifest.NAME, moment.manifest.encoded())
            missing = _Files(archive, keeper, progress, pauses).add(moment, scratch)
            for name, data in _daily_files(moment.manifest.audit_sequence):
                archive.add_bytes(AUDIT + name, data)
            moment.dump.seek(0)
            archive.add(DATABASE, os.fstat(moment.dump.fileno()).st_size, moment.dump)
        if encrypting:
            encrypting.finish()
    return Made(moment.manifest, missing)


@contextmanager
def _moment(scratch: Path, keeper: Keeper, progress: Progress) -> Iterator[_Moment]:
    """Read a moment of the database, which is let go at once: it would keep the database from cleaning up."""
    with TemporaryFile(dir=scratch) as names:
        with snapshot() as taken:
            files = 0
            for name in contents.file_names(taken):
                names.write(name.encode() + b"\n")
                files += 1
            description = _manifest_of(taken, files)

            def tick() -> None:
                keeper.check()
                progress.tell(lambda: "Database: being copied.")

            dump = taken.dump(scratch, tick)
        names.seek(0)
        with dump:
            yield _Moment(description, dump, names)


def _manifest_of(taken: Snapshot, files: int) -> Manifest:
    return Manifest(
        format=manifest.FORMAT,
        made_at=timezone.now(),
        version=contents.version(),
        database=taken.database.vendor,
        database_version=taken.version,
        migrations=contents.migrations(taken),
        rows=contents.numbers_of_rows(taken),
        files=files,
        audit_sequence=contents.audit_sequence(taken),
    )


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of images on their way into the archive."""

    archive: ArchiveWriter
    keeper: Keeper
    progress: Progress
    pauses: Sequence[float]

    def add(self, moment: _Moment, scratch: Path) -> int:
        """Add all files, then the names of those that are missing. Returns how many are."""
        added = read = missing = 0
        with TemporaryFile(dir=scratch) as lost:
            for line in moment.names:
                self.keeper.check()
                number = self._add_file(line.decode().removesuffix("\n"))
                if number is None:
                    lost.write(line)
                    missing += 1
                    continue
                added, read = added + 1, read + number
                self.progress.tell(
                    lambda: f"Pictures: {added:,} of {moment.manifest.files:,} files, {size(read)}."  # noqa: B023 - called at once
                )
            length = lost.tell()
            lost.seek(0)
            self.archive.add(MISSING, length, lost)
        return missing

    def _add_file(self, name: str) -> int | None:
        """Add a file, and return its size; None where it is missing. Each other error ends the backup."""
        try:
            file = self._opened(name)
        except LOST:
            return None
        with file:
            number = int(file.size)
            self.archive.add(MEDIA + name, number, file)
        return number

    def _opened(self, name: str) -> "File[bytes]":
        """Open a file. A storage that is away for a moment must not end a backup of hours."""
        for seconds in self.pauses:
            try:
                return default_storage.open(name, "rb")
            except LOST:
                raise
            except OSError:
                time.sleep(seconds)
        return default_storage.open(name, "rb")


def _daily_files(last: int) -> Iterator[tuple[str, bytes]]:
    """Yield the daily files of the audit log without what the moment of the database does not have yet."""
    for path in sorted(heads.folder().glob("????-??-??.txt")):
        lines = path.read_bytes().splitlines(keepends=True)
        yield path.name, b"".join(line for line in lines if _sequence(line) <= last)


def _sequence(line: bytes) -> int:
    number = line.partition(b" ")[0]
    return int(number) if number.isdigit() else 0
