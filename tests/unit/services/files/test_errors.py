import errno

import pytest

from vision_chat.errors.server import DiskFullError, FilesUnavailableError
from vision_chat.services.files.errors import LOST, FilesAwayError, trouble_of


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), DiskFullError),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), DiskFullError),
        (FilesAwayError("no answer"), FilesUnavailableError),
        (FileNotFoundError(errno.ENOENT, "No such file"), type(None)),
        (PermissionError(errno.EACCES, "Permission denied"), type(None)),
    ],
)
def test_what_an_error_of_the_storage_means(error: OSError, meaning: type[object]) -> None:
    assert type(trouble_of(error)) is meaning


def test_a_storage_that_is_away_has_lost_nothing() -> None:
    assert not isinstance(FilesAwayError("no answer"), LOST)
