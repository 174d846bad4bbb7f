"""`manage.py verify_audit_log`: find the first break of the audit log's chain."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vision_chat.services.audit import triggers, verifying
from vision_chat.services.audit.chain import BrokenChainError
from vision_chat.services.audit.verifying import Report

MOST_NAMED = 20
"""Ranges of entries that are named of those that no daily file tells of."""


class Command(BaseCommand):
    help = (
        "Verify the audit log: its chain, its end, and what daily files tell of it. This can run beside a "
        "server. Exits with 1 at the first break, and says its kind: changed, missing, reordered or cut."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "archives", nargs="*", type=Path, metavar="FILE", help="archives to verify too, the oldest first"
        )
        parser.add_argument(
            "--heads",
            action="append",
            type=Path,
            metavar="FOLDER",
            help="a folder of daily files, instead of that in DATA_DIR; may be given several times",
        )
        parser.add_argument(
            "--restore-triggers", action="store_true", help="make the triggers anew that keep the entries"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["restore_triggers"]:
            triggers.restore()
        for folder in options["heads"] or ():
            if not folder.is_dir():
                raise CommandError(f"{folder} is no folder.")
        try:
            report = verifying.verify(options["archives"], options["heads"])
        except BrokenChainError as error:
            raise CommandError(f"{error.kind}: {error}") from error
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
        for line in lines(report):
            self.stdout.write(line)
        if triggers.missing():
            raise CommandError(
                "triggers missing: the database would let entries be changed. "
                "Run manage.py verify_audit_log --restore-triggers."
            )


def lines(report: Report) -> list[str]:
    """Return what was verified, in sentences."""
    if not report.entries:
        return ["The audit log is empty."]
    found = [
        f"The audit log is whole: {report.entries:,} entries, from {report.first} to {report.last}, "
        f"compared with {report.heads:,} heads in daily files."
    ]
    if report.first > 1:
        found.append(f"Entries 1 to {report.first - 1} were not verified: their archives were not named.")
    if report.archived:
        found.append(f"{report.archived:,} of the entries are in archives.")
    if (seal := report.seal) is not None:
        found.append(f"Archived on {seal.at[:10]}: up to {seal.up_to}, in a file of SHA-256 {seal.sha256}.")
    if report.unpublished:
        named = report.unpublished[:MOST_NAMED]
        numbers = ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in named)
        more = " and more" if len(report.unpublished) > MOST_NAMED else ""
        found.append(
            f"Warning: no daily file tells of {numbers}{more}. These were written while the file could "
            "not be, or by somebody who has the database alone."
        )
    found += [f"Person {number} has another name now than in the log." for number in report.other_names]
    return found
