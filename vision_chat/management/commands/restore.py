"""`manage.py restore`: bring a backup into an empty place, or only verify it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from vision_chat.conf import Config
from vision_chat.management import backups
from vision_chat.management.preparing import lock_data_folder
from vision_chat.services.backups import place, restoring
from vision_chat.services.backups.progress import Progress, size
from vision_chat.services.backups.restoring import Backup, Checked


class Command(BaseCommand):
    help = (
        "Bring a backup into an empty database and an empty folder of pictures, after every part was "
        "verified. With --check it is only verified. No server may run there; the next start brings it up to "
        "date."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", metavar="FILE", type=Path)
        parser.add_argument(
            "--check", action="store_true", help="only verify the file, and say what is in it"
        )
        backups.add_passphrase(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        config: Config = settings.VISION_CHAT
        with backups.ending_cleanly():
            passphrase = backups.passphrase(options["passphrase_file"])
            backup = Backup(options["source"], passphrase, config.data_dir)
            if options["check"]:
                self._tell(restoring.check(backup, Progress(self._say)))
                return
            with lock_data_folder(config):
                self._restore(backup)

    def _restore(self, backup: Backup) -> None:
        place.require_empty()  # before the file is read for an hour
        checked = restoring.check(backup, Progress(self._say))
        self._tell(checked)
        restoring.restore(backup, checked, Progress(self._say))
        self._say("It is restored. Start the server: it brings the database up to date.")
        if names := restoring.keys_to_enter():
            self._say(
                f"Keys that cannot be read with this SECRET_KEY: {', '.join(names)}. Put the secret key of "
                "the original in its place before the start, or enter these keys again in the administration."
            )

    def _tell(self, checked: Checked) -> None:
        manifest = checked.manifest
        self._say(
            f"The backup is whole: made {manifest.made_at:%Y-%m-%d %H:%M} UTC by version {manifest.version}, "
            f"{checked.files:,} files, {size(checked.bytes)}, "
            f"{manifest.rows.get('vision_chat_conversation', 0):,} conversations of "
            f"{manifest.rows.get('auth_user', 0):,} people."
        )
        if checked.missing:
            names = ", ".join(checked.missing_names)
            self._say(f"{checked.missing:,} files were missing when it was made: {names}.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
