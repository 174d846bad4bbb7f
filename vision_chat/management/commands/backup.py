"""`manage.py backup`: write the whole site to one file, beside a running server."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from vision_chat.conf import Config
from vision_chat.errors.backups import BackupError
from vision_chat.management import backups
from vision_chat.services.backups import making
from vision_chat.services.backups.making import Made
from vision_chat.services.backups.progress import Progress, size
from vision_chat.services.backups.target import new_file

STREAM = "-"


class Command(BaseCommand):
    help = (
        "Write the database, the pictures and the daily files of the audit log to one file, while the server "
        "runs. With BACKUP_PASSPHRASE or --passphrase-file it is encrypted. The secret key is not in it."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "target",
            metavar="FILE",
            help="a new file, a folder for one with a name by the time, or - for stdout",
        )
        backups.add_passphrase(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        with backups.ending_cleanly():
            self._back_up(options["target"], backups.passphrase(options["passphrase_file"]))

    def _back_up(self, named: str, passphrase: str) -> None:
        require_current()
        config: Config = settings.VISION_CHAT
        progress = Progress(self._say)
        if named == STREAM:
            counted = Counted(sys.stdout.buffer)
            made = making.make(counted, config.data_dir, passphrase, progress)
            sys.stdout.buffer.flush()
            self._tell(made, "the stream", counted.written, passphrase)
            return
        path = Path(named)
        if path.is_dir():
            path = path / name_of(is_encrypted=bool(passphrase))
        with new_file(path, config.min_free_bytes) as file:
            made = making.make(file, path.parent, passphrase, progress)
        self._tell(made, str(path), file.written, passphrase)

    def _tell(self, made: Made, where: str, written: int, passphrase: str) -> None:
        self._say(
            f"{made.manifest.files - made.missing:,} files and the database are in {where}: {size(written)}."
        )
        if made.missing:
            self._say(
                f"Warning: {made.missing:,} files of pictures were missing already. The backup names them."
            )
        if not passphrase:
            self._say("It is not encrypted: whoever has it can read all conversations.")
        self._say(
            "The secret key is not in it. Keep DATA_DIR/secret_key, or SECRET_KEY, in another place: without "
            "it keys of endpoints must be entered again."
        )

    def _say(self, line: str) -> None:
        """Say something beside the stream that may be on stdout."""
        self.stderr.write(line, lambda text: text)
        self.stderr.flush()


class Counted:
    """A stream that knows how much was written to it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.written = 0

    def write(self, data: bytes) -> int:
        self._stream.write(data)
        self.written += len(data)
        return len(data)


def require_current() -> None:
    """Raise BackupError where the database lacks tables of this version."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise BackupError(
            problem="The database is empty or of an earlier version. Start the server of this version once."
        )


def name_of(*, is_encrypted: bool) -> str:
    """Return the name of a backup of now, such as vision-chat-2026-01-31T0300Z.tar."""
    return f"vision-chat-{timezone.now():%Y-%m-%dT%H%MZ}.tar{'.age' if is_encrypted else ''}"
