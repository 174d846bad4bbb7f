"""The folder of pictures that several machines mount: whether it is the one that holds them.

Where the share is not mounted, the folder that it would be mounted on is there and empty, and would be
written to. A file that the first start leaves in the share tells them apart.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

MARK: Final = ".vision-chat"


def is_marked(folder: Path) -> bool:
    """Tell whether a server has used this folder before."""
    return (folder / MARK).exists()


def mark(folder: Path, known: Iterable[str]) -> bool:
    """Mark a folder that is empty for good, or holds pictures. Returns False where it may be another one.

    `known` are the names of some files that should be there; none where the site has no picture yet.
    """
    names = list(known)
    if names and not any((folder / name).exists() for name in names):
        return False
    (folder / MARK).touch(mode=0o600)
    return True
