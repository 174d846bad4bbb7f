"""Reading a backup: verified to its end before anything is changed, then brought into an empty place.

Images and daily files come first and the database last: a place with accounts has everything else too. Where
something fails, what was written is deleted.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import IO, BinaryIO, Final, cast

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from vision_chat.errors.backups import BackupError, DamagedBackupError, NoPassphraseError
from vision_chat.models import Endpoint
from vision_chat.services.audit import heads
from vision_chat.services.backups import manifest, place
from vision_chat.services.backups.age import Decrypting, is_encrypted
from vision_chat.services.backups.archive import PIECE, Part, Readable, parts
from vision_chat.services.backups.making import AUDIT, DATABASE, MEDIA, MISSING
from vision_chat.services.backups.manifest import Manifest
from vision_chat.services.backups.place import Database
from vision_chat.services.backups.progress import Progress, size
from vision_chat.services.language_models import keys

DAILY_FILE: Final = re.compile(r"\d{4}-\d\d-\d\d\.txt")
IN_MEMORY: Final = 8_000_000
"""Bytes of a file that are kept in memory; more of one go to the disk."""
LONGEST_NAME: Final = 4096
"""Bytes of the name of a file."""
NAMED: Final = 20
"""Missing files that are named."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a whole backup has: files, bytes, and some names of those that were missing when it was made."""

    manifest: Manifest
    files: int
    bytes: int
    missing: int
    missing_names: list[str]


@dataclass(frozen=True, slots=True)
class Backup:
    """A file with a backup, and where files without a name may lie."""

    path: Path
    passphrase: str
    scratch: Path


def check(backup: Backup, progress: Progress) -> Checked:
    """Read a backup to its end and verify every part. Changes nothing. Raises BackupError."""
    found: Manifest | None = None
    files = read = missing = 0
    names: list[str] = []
    has_database = False
    for part in _parts(backup):
        if part.name == manifest.NAME:
            found = manifest.decoded(part.file.read(manifest.LONGEST))
        elif part.name == MISSING:
            missing, names = _missing(part)
        elif part.name == DATABASE:
            has_database = True
        elif not _belongs(part.name):
            raise DamagedBackupError(problem=f"“{part.name}” does not belong into it.")
        elif part.name.startswith(MEDIA):
            files += 1
        read += part.size
        progress.tell(lambda: f"Checked: {files:,} files, {size(read)}.")  # noqa: B023 - called at once
    if found is None or not has_database or files + missing != found.files:
        raise DamagedBackupError(problem="parts of it are missing.")
    return Checked(found, files, read, missing, names)


def _belongs(name: str) -> bool:
    """Tell whether a part of this name is a picture or a daily file, which stays within its folder."""
    if name.startswith(AUDIT):
        return DAILY_FILE.fullmatch(name.removeprefix(AUDIT)) is not None
    file = PurePosixPath(name.removeprefix(MEDIA))
    return name.startswith(MEDIA) and not file.is_absolute() and bool(file.name) and ".." not in file.parts


def require_fitting(found: Manifest) -> None:
    """Raise BackupError where this place cannot read the database of the backup."""
    if found.database != connection.vendor:
        names = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
        has, is_ = names.get(connection.vendor, connection.vendor), names.get(found.database, found.database)
        raise BackupError(
            problem=f"The backup is of {is_}, and DATABASE_URL names {has}. Restore it into {is_}."
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if unknown := [name for name in found.migrations if name not in known]:
        raise BackupError(
            problem=f"The backup was made by a later version ({found.version}): this one does not know "
            f"{unknown[-1]}. Restore it with that version."
        )


def restore(backup: Backup, checked: Checked, progress: Progress) -> None:
    """Bring a backup that was checked into this place. Raises BackupError, and OSError."""
    place.require_empty()
    require_fitting(checked.manifest)
    database = place.database()
    with _undone_on_failure(backup.scratch, database) as written:
        done = 0
        for part in _parts(backup):
            if part.name.startswith(MEDIA):
                _save(part, written)
                done += 1
                progress.tell(lambda: f"Pictures: {done:,} of {checked.files:,} files.")  # noqa: B023 - called at once
            elif part.name.startswith(AUDIT):
                _save_daily_file(part, written)
            elif part.name == DATABASE:
                progress.tell(lambda: "Database: being read.")
                database.take(part.file)
        os.sync()  # a power cut must not leave rows without files
        database.finish()
    place.forget_original()


def keys_to_enter() -> list[str]:
    """Return the names of endpoints whose key cannot be had in this place."""
    columns = ("name", "base_url", "encrypted_key", "key_variable")
    return [
        endpoint.name
        for endpoint in Endpoint.objects.only(*columns).order_by("name")
        if not keys.is_there(endpoint)
    ]


def _parts(backup: Backup) -> Iterator[Part]:
    """Yield the parts of the file, decrypted. Raises BackupError."""
    try:
        file = backup.path.open("rb")
    except OSError as error:
        raise BackupError(problem=f"{backup.path} cannot be read: {error.strerror}.") from error
    with file:
        yield from parts(_decrypted(file, backup.passphrase), backup.scratch)


def _decrypted(file: BinaryIO, passphrase: str) -> Readable:
    if not is_encrypted(file):
        return file
    if not passphrase:
        raise NoPassphraseError
    return Decrypting(file, passphrase)


def _missing(part: Part) -> tuple[int, list[str]]:
    """Return how many names the part has, and some of them."""
    count, rest = 0, b""
    names: list[str] = []
    while piece := part.file.read(PIECE):
        *lines, rest = (rest + piece).split(b"\n")
        if len(rest) > LONGEST_NAME:
            raise DamagedBackupError(problem=f"“{part.name}” is no list of names.")
        count += len(lines)
        names += [line.decode() for line in lines[: NAMED - len(names)]]
    return count, names


@contextmanager
def _undone_on_failure(scratch: Path, database: Database) -> Iterator[IO[bytes]]:
    """Yield a file for the names of what is written, all of which is deleted again where anything fails."""
    with TemporaryFile(dir=scratch) as written:
        try:
            yield written
        except BaseException:
            database.give_up()
            written.seek(0)
            for line in written:
                _delete(line.decode().removesuffix("\n"))
            raise


def _save(part: Part, written: IO[bytes]) -> None:
    """Save a file of an image under its own name."""
    name = part.name.removeprefix(MEDIA)
    written.write(f"{part.name}\n".encode())
    # some storages read what they save twice
    with SpooledTemporaryFile(max_size=IN_MEMORY) as copy:
        while piece := part.file.read(PIECE):
            copy.write(piece)
        copy.seek(0)
        if default_storage.save(name, File(cast(IO[bytes], copy), name=name)) != name:
            raise BackupError(problem=f"The place of the pictures has a file {name} already.")


def _save_daily_file(part: Part, written: IO[bytes]) -> None:
    name = part.name.removeprefix(AUDIT)
    written.write(f"{part.name}\n".encode())
    heads.folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    with place.created(heads.folder() / name) as file:
        while piece := part.file.read(PIECE):
            file.write(piece)


def _delete(name: str) -> None:
    """Delete a part that was written, and the folder of an image with its last file."""
    with suppress(OSError):
        if name.startswith(AUDIT):
            (heads.folder() / name.removeprefix(AUDIT)).unlink()
            return
        stored = name.removeprefix(MEDIA)
        default_storage.delete(stored)
        default_storage.delete(stored.rpartition("/")[0])
