"""The passphrase of a backup, from a file or from the settings."""

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings

from vision_chat.errors.backups import BackupError


def add_argument(parser: ArgumentParser) -> None:
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
