import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from vision_chat.errors.backups import DamagedBackupError
from vision_chat.services.backups.archive import SUMS, ArchiveWriter, parts

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


def test_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedBackupError, match="no backup"):
        read(b"Dear diary, " * 1000, tmp_path)


def test_a_source_that_ends_too_early_ends_the_archive(tmp_path: Path) -> None:
    target = io.BytesIO()
    with pytest.raises(OSError, match="unexpected end"), ArchiveWriter(target, tmp_path) as archive:
        archive.add("media/a", 10, io.BytesIO(b"short"))

    with pytest.raises(DamagedBackupError):
        read(target.getvalue(), tmp_path)
