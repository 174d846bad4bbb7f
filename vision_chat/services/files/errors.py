"""Errors of stored files: which say that a file is lost, and which that nothing can be told or stored now."""

import errno
from typing import Final

from vision_chat.errors.server import DiskFullError, FilesUnavailableError, ServerError

LOST: Final = (FileNotFoundError, IsADirectoryError, NotADirectoryError)
"""Errors of a file that is not there any more, or whose place something else has."""
FULL: Final = {errno.ENOSPC, errno.EDQUOT}


class FilesAwayError(OSError):
    """The storage of files does not answer, or refuses. Files that it keeps are not lost."""

    def __init__(self, reason: object) -> None:
        super().__init__(errno.EIO, f"the storage of files does not answer: {reason}")


def trouble_of(error: OSError) -> ServerError | None:
    """Return what an error of the storage means for people; None of one that is about a file alone."""
    if error.errno in FULL:
        return DiskFullError(str(error))
    return FilesUnavailableError(str(error)) if isinstance(error, FilesAwayError) else None
