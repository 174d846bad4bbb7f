"""What `backup` and `restore` have in common: the passphrase, their end, and what they say of failures."""

import errno
import signal
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError

from vision_chat.errors.backups import BackupError
from vision_chat.errors.server import DiskFullError
from vision_chat.management.preparing import why_not_usable

TOO_FULL: Final = "A disk has too little room for it, or would have too little left. Nothing was kept."


def add_passphrase(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help="a file whose first line is the passphrase, instead of BACKUP_PASSPHRASE",
    )


def passphrase(path: Path | None) -> str:
    """Return the passphrase, "" where there is none. Raises BackupError."""
    if path is None:
        return str(settings.VISION_CHAT.backup_passphrase)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(problem=f"{path} cannot be read: {error}.") from error
    if not lines or not lines[0].strip():
        raise BackupError(problem=f"{path} has no passphrase in its first line.")
    return lines[0].strip()


@contextmanager
def ending_cleanly() -> Iterator[None]:
    """Let SIGTERM end the command as Ctrl-C does, so that what was begun is removed. Raises CommandError."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except BackupError as error:
        raise CommandError(str(error)) from error
    except DatabaseError as error:
        raise CommandError(why_not_usable(settings.VISION_CHAT, error)) from error
    except DiskFullError as error:
        raise CommandError(TOO_FULL) from error
    except OSError as error:
        raise CommandError(why(error)) from error
    finally:
        signal.signal(signal.SIGTERM, before)


def why(error: OSError) -> str:
    """Return why a file could not be read or written."""
    if error.errno == errno.ENOSPC:
        return TOO_FULL
    if error.errno == errno.EPIPE:
        return "Whoever reads the stream has gone. The backup is not whole."
    return f"It failed, and nothing was kept: {error}."
