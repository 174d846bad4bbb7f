"""The file of a backup: a tar that is written and read in one go, with the SHA-256 of every part at its end.

Neither the parts nor their names are ever in memory together.
"""

import hashlib
import tarfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Final, Protocol, Self, cast

from vision_chat.errors.backups import DamagedBackupError

SUMS: Final = "SHA256SUMS"
PIECE: Final = 256 * 1024
LONGEST_HEADER: Final = 64 * 1024
BLOCKS: Final = 64 * tarfile.RECORDSIZE
"""Bytes that are written and read at once."""


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Writable(Protocol):
    def write(self, data: bytes, /) -> object: ...


class _Hashed:
    """What is read from it was counted into a SHA-256."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int = PIECE) -> bytes:
        try:
            piece = self._source.read(size)
        except tarfile.TarError as error:
            raise DamagedBackupError(problem="it is cut off.") from error
        self._hash.update(piece)
        return piece

    def line(self, name: str) -> bytes:
        """Return the line of a part, as `sha256sum` writes it."""
        return f"{self._hash.hexdigest()}  {name}\n".encode()


class _Valve:
    """Passes on what is written to it until it is shut."""

    def __init__(self, target: Writable) -> None:
        self._target = target
        self.is_open = True

    def write(self, data: bytes) -> int:
        if self.is_open:
            self._target.write(data)
        return len(data)


class ArchiveWriter:
    """A tar that is written to `target`. Leaving it without an error adds the sums."""

    def __init__(self, target: Writable, scratch: Path) -> None:
        self._valve = _Valve(target)
        self._tar = tarfile.open(  # noqa: SIM115 - closed in __exit__
            fileobj=cast(IO[bytes], self._valve), mode="w|", format=tarfile.PAX_FORMAT, bufsize=BLOCKS
        )
        self._tar.copybufsize = PIECE  # type: ignore[attr-defined]  # unknown to the stubs
        self._sums: IO[bytes] = TemporaryFile(dir=scratch)  # noqa: SIM115 - the same

    def add(self, name: str, size: int, source: Readable) -> None:
        """Add a part. Raises OSError where `source` ends before its size."""
        hashed = _Hashed(source)
        self._add(name, size, hashed)
        self._sums.write(hashed.line(name))

    def add_bytes(self, name: str, data: bytes) -> None:
        self.add(name, len(data), BytesIO(data))

    def _add(self, name: str, size: int, source: Readable) -> None:
        part = tarfile.TarInfo(name)
        part.size, part.mode, part.mtime = size, 0o600, int(time.time())
        self._tar.addfile(part, cast(IO[bytes], source))
        self._tar.members.clear()  # type: ignore[attr-defined]  # else it remembers every one

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._sums:
            if error is None:
                size = self._sums.tell()
                self._sums.seek(0)
                self._add(SUMS, size, self._sums)
            else:
                self._valve.is_open = False  # the tar would write its end, now or when it is collected
            self._tar.close()


class _Member(tarfile.TarInfo):
    """A header that is read, which is as short as those that are written: tarfile reads any in one go."""

    def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        is_part = self.type in {tarfile.REGTYPE, tarfile.AREGTYPE}
        if not is_part and (self.size > LONGEST_HEADER or self.type == tarfile.GNUTYPE_SPARSE):
            raise tarfile.ReadError("a header is too long")
        member: tarfile.TarInfo = super()._proc_member(tar)  # type: ignore[misc]  # unknown to the stubs
        return member

    def _refuse_sparse(self, *_: object) -> None:
        raise tarfile.ReadError("a part has holes")

    _proc_gnusparse_00 = _proc_gnusparse_01 = _proc_gnusparse_10 = _refuse_sparse


@dataclass(frozen=True, slots=True)
class Part:
    """A part that is being read: `file` is valid until the next one is asked for."""

    name: str
    size: int
    file: _Hashed


def parts(source: Readable, scratch: Path) -> Iterator[Part]:
    """Yield the parts in their order. What the caller leaves of one is read too.

    Raises DamagedBackupError, where a part was changed at the end alone.
    """
    is_whole = False
    with TemporaryFile(dir=scratch) as sums:
        try:
            opened = cast(IO[bytes], source)
            with tarfile.open(fileobj=opened, mode="r|", bufsize=BLOCKS, tarinfo=_Member) as tar:
                for member in tar:
                    tar.members.clear()  # type: ignore[attr-defined]  # else it remembers every one
                    file = tar.extractfile(member) if member.isfile() else None
                    if file is None or is_whole:
                        raise DamagedBackupError(problem=f"“{member.name}” does not belong into it.")
                    if member.name == SUMS:
                        _compare(sums, file)
                        is_whole = True
                        continue
                    hashed = _Hashed(file)
                    yield Part(member.name, member.size, hashed)
                    while hashed.read():
                        pass
                    sums.write(hashed.line(member.name))
            while source.read(PIECE):
                pass  # an encrypted file says at its end alone that this is the end
        except (tarfile.TarError, EOFError, RecursionError) as error:  # the last: headers of headers
            raise DamagedBackupError(problem=f"it is cut off, or no backup ({error}).") from error
    if not is_whole:
        raise DamagedBackupError(problem="it is cut off.")


def _compare(sums: IO[bytes], stored: IO[bytes]) -> None:
    """Compare what was read with what was written, line by line."""
    sums.seek(0)
    while True:
        found = sums.readline()
        wanted = stored.readline(len(found) + 1)  # no more: another line may be longer than the memory
        if found != wanted:
            name = (wanted or found).decode(errors="replace").partition("  ")[2].strip()
            raise DamagedBackupError(problem=f"“{name}” is missing, or is not as it was written.")
        if not found:
            return
