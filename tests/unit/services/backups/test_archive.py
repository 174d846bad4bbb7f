import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from vision_chat.errors.backups import DamagedBackupError
from vision_chat.services.backups.archive import BLOCKS, SUMS, ArchiveWriter, parts

PARTS = {"manifest.json": b"{}", "media/images/ä/original.webp": b"picture" * 100_000, "missing.txt": b""}


def written(folder: Path, values: dict[str, bytes] = PARTS) -> bytes:
    target = io.BytesIO()
    with ArchiveWriter(target, folder) as archive:
        for name, data in values.items():
            archive.add_bytes(name, data)
    return target.getvalue()


def read(data: bytes, folder: Path) -> dict[str, bytes]:
    return {part.name: part.file.read(part.size) for part in parts(io.BytesIO(data), folder)}


def test_what_is_written_is_read_in_its_order(tmp_path: Path) -> None:
    found = read(written(tmp_path), tmp_path)

    assert found == PARTS
    assert list(found) == list(PARTS)
    assert list(tmp_path.iterdir()) == []


def test_parts_that_nobody_reads_are_verified_too(tmp_path: Path) -> None:
    data = written(tmp_path)
    place = data.index(b"picture" * 100) + 5000
    damaged = data[:place] + b"X" + data[place + 1 :]

    with pytest.raises(DamagedBackupError, match="original"):
        [part.name for part in parts(io.BytesIO(damaged), tmp_path)]


def test_tools_of_the_system_read_and_verify_it(tmp_path: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(written(tmp_path))) as tar:
        sums = tar.extractfile(SUMS)
        assert sums is not None
        lines = sums.read().decode().splitlines()

    assert lines == [f"{hashlib.sha256(data).hexdigest()}  {name}" for name, data in PARTS.items()]


@pytest.mark.parametrize("kept", [0.0, 0.0001, 0.3, 0.9])
def test_one_that_is_cut_off_is_refused(tmp_path: Path, kept: float) -> None:
    data = written(tmp_path)
    rest = data.rstrip(b"\0")

    with pytest.raises(DamagedBackupError, match="cut off"):
        read(data[: int(len(rest) * kept)], tmp_path)


def test_one_without_its_sums_is_refused(tmp_path: Path) -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("manifest.json"))

    with pytest.raises(DamagedBackupError, match="cut off"):
        read(target.getvalue(), tmp_path)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.DIRTYPE])
def test_what_is_no_file_is_refused(tmp_path: Path, kind: bytes) -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        link = tarfile.TarInfo("media")
        link.type, link.linkname = kind, "/etc"
        tar.addfile(link)

    with pytest.raises(DamagedBackupError, match="“media” does not belong"):
        read(target.getvalue(), tmp_path)


def tar_of(*headers: tuple[bytes, bytes]) -> io.BytesIO:
    """Return a tar of headers of these types, each with its data."""
    blocks = []
    for kind, data in headers:
        header = tarfile.TarInfo("header")
        header.type, header.size = kind, len(data)
        blocks += [header.tobuf(), data, bytes(-len(data) % tarfile.BLOCKSIZE)]
    return io.BytesIO(b"".join(blocks))


class Counting(io.BytesIO):
    """Counts what is read of it."""

    count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self.count += len(piece)
        return piece


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_header_that_would_fill_the_memory_is_refused_before_it_is_read(
    tmp_path: Path, kind: bytes
) -> None:
    source = Counting(tar_of((kind, bytes(20_000_000))).getvalue())

    with pytest.raises(DamagedBackupError, match="header is too long"):
        list(parts(source, tmp_path))
    assert source.count <= BLOCKS


def test_headers_of_headers_without_end_are_refused(tmp_path: Path) -> None:
    headers = [(tarfile.XHDTYPE, b"12 path=abc\n")] * 2000

    with pytest.raises(DamagedBackupError):
        list(parts(tar_of(*headers), tmp_path))


@pytest.mark.parametrize("version", ["GNU.sparse.major=1", "GNU.sparse.map=0,1", "GNU.sparse.size=1"])
def test_parts_with_holes_are_refused(tmp_path: Path, version: str) -> None:
    records = [version] + (["GNU.sparse.minor=0"] if "major" in version else [])
    data = b"".join(record(each) for each in records)

    with pytest.raises(DamagedBackupError, match="holes"):
        list(parts(tar_of((tarfile.XHDTYPE, data), (tarfile.REGTYPE, b"1")), tmp_path))


def record(text: str) -> bytes:
    """Return a line of a header, which begins with its own length."""
    length = len(text) + 2
    while len(f"{length} {text}\n") != length:
        length += 1
    return f"{length} {text}\n".encode()


def test_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedBackupError, match="no backup"):
        read(b"Dear diary, " * 1000, tmp_path)


def test_a_source_that_ends_too_early_ends_the_archive(tmp_path: Path) -> None:
    target = io.BytesIO()
    with pytest.raises(OSError, match="unexpected end"), ArchiveWriter(target, tmp_path) as archive:
        archive.add("media/a", 10, io.BytesIO(b"short"))

    with pytest.raises(DamagedBackupError):
        read(target.getvalue(), tmp_path)
