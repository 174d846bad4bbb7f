"""`manage.py archive_audit_log`: move old entries of the audit log to a file."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from vision_chat.errors.reviews import AuditUnavailableError
from vision_chat.services.audit import archiving
from vision_chat.services.audit.chain import BrokenChainError


class Command(BaseCommand):
    help = (
        "Move the entries from before a day to a new file, and let the log tell of it. This can run beside a "
        "server, and be run again where it was interrupted."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--before", required=True, type=a_day, metavar="YYYY-MM-DD")
        parser.add_argument("--to", required=True, type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["to"]
        try:
            count = archiving.archive(midnight(options["before"]), path)
        except BrokenChainError as error:
            raise CommandError(f"Nothing was archived. {error.kind}: {error}") from error
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror or error}.") from error
        except AuditUnavailableError as error:
            raise CommandError(str(error)) from error
        if not count:
            self.stdout.write("No entry is that old.")
            return
        self.stdout.write(f"{count:,} entries are in {path} now. Keep the file: the log is verified with it.")


def a_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is no day, such as 2026-01-31") from error


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
