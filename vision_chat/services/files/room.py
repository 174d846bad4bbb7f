"""The room on the disks of a server: of the files, and of its database."""

import logging
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection

from vision_chat.errors.server import DiskFullError
from vision_chat.services.files.remote import is_remote

logger = logging.getLogger(__name__)

MEGABYTE: Final = 1_000_000


def free_bytes() -> int:
    """Return the room on the fullest of the disks that the server writes to.

    It is that of the database too, which has to go on when no file is taken any more.
    """
    return min(shutil.disk_usage(_existing(folder)).free for folder in set(folders()))


def require_room(least: int, free: Callable[[], int] = free_bytes) -> None:
    """Raise DiskFullError where less than `least` bytes are free, so that the database has room."""
    if (left := free()) < least:
        logger.warning(
            "A disk has %.0f MB left, less than MIN_FREE_MEGABYTES: nothing is written to it", left / MEGABYTE
        )
        raise DiskFullError(f"{left / MEGABYTE:.0f} MB are free")


def folders() -> Iterable[Path]:
    """Yield the folders of data, files and documents, and that of a database which is a file."""
    yield settings.VISION_CHAT.data_dir
    yield settings.VISION_CHAT.documents_dir
    if not is_remote():
        yield Path(getattr(default_storage, "location", settings.VISION_CHAT.media_dir))
    if connection.vendor == "sqlite":
        yield Path(connection.settings_dict["NAME"]).parent


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest above it that is there."""
    return next(each for each in (folder, *folder.parents) if each.exists())
