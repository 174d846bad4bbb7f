import asyncio
import errno
from collections.abc import Callable

import pytest

from vision_chat.errors.server import DiskFullError, FilesUnavailableError
from vision_chat.services.files.errors import FilesAwayError
from vision_chat.services.images.file_threads import FileThreads


def failing(error: OSError) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (FilesAwayError("no answer"), FilesUnavailableError),
        (OSError(errno.ENOSPC, "No space left on device"), DiskFullError),
        (FileNotFoundError(errno.ENOENT, "No such file"), FileNotFoundError),
    ],
)
def test_errors_of_the_storage_are_those_for_people(error: OSError, raised: type[Exception]) -> None:
    threads = FileThreads()
    try:
        with pytest.raises(raised):
            asyncio.run(threads.run("ann", failing(error)))
    finally:
        threads.close()
