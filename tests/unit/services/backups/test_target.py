from pathlib import Path

import pytest

from vision_chat.errors.backups import BackupError
from vision_chat.errors.server import DiskFullError
from vision_chat.services.backups.target import LOOK_AFTER, new_file

EVERYTHING = 10**18
"""More bytes than any disk has."""


def test_a_file_has_its_name_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "backup.tar"
    with new_file(path, 0) as file:
        file.write(b"whole")
        assert not path.exists()

    assert path.read_bytes() == b"whole"
    assert file.written == 5
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with new_file(tmp_path / "backup.tar", 0) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()

    assert list(tmp_path.iterdir()) == []


def test_what_a_kill_has_left_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "backup.tar.partial").write_bytes(b"much longer than the other")
    with new_file(tmp_path / "backup.tar", 0) as file:
        file.write(b"whole")

    assert (tmp_path / "backup.tar").read_bytes() == b"whole"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "backup.tar"
    path.write_bytes(b"older")
    with pytest.raises(BackupError, match="there already"), new_file(path, 0):
        pass

    assert path.read_bytes() == b"older"


def test_two_backups_do_not_write_one_file(tmp_path: Path) -> None:
    path = tmp_path / "backup.tar"
    with new_file(path, 0) as file:
        with pytest.raises(BackupError, match="Another backup"), new_file(path, 0):
            pass
        file.write(b"whole")

    assert path.read_bytes() == b"whole"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="No such file"), new_file(tmp_path / "no" / "backup.tar", 0):
        pass


def test_the_disk_keeps_what_others_need(tmp_path: Path) -> None:
    with pytest.raises(DiskFullError), new_file(tmp_path / "a", EVERYTHING) as file:
        file.write(b"a")

    assert list(tmp_path.iterdir()) == []


def test_the_disk_is_not_looked_at_for_each_piece(tmp_path: Path) -> None:
    with new_file(tmp_path / "a", 0) as file:
        file.write(b"a")
        file.least_free = EVERYTHING
        file.write(bytes(LOOK_AFTER))
        with pytest.raises(DiskFullError):
            file.write(b"a")
