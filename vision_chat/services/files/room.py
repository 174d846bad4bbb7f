"""The room on the disks of a server: of the files, and of its database."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection

from vision_chat.services.files.remote import is_remote


def free_bytes() -> int:
    """Return the room on the fullest of the disks that the server writes to.

    It is that of the database too, which has to go on when no file is taken any more.
    """
    return min(shutil.disk_usage(_existing(folder)).free for folder in set(folders()))


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
