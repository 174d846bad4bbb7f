"""`manage.py rebuild_figures`: write figures of conversations that are missing or wrong."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vision_chat.services.figures import kept, rebuild


class Command(BaseCommand):
    help = (
        "Count what the list of conversations shows anew, and mend rows that differ. This can run beside a "
        "server and be interrupted at any time."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="change nothing, and exit with 1 if anything differs",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = total = 0
        for batch in rebuild.batches():
            begun = time.monotonic()
            differing = rebuild.differing(batch)
            if differing and not options["check"]:
                kept.write(differing)
                time.sleep(time.monotonic() - begun)  # a server beside this command writes too
            found += len(differing)
            total += len(batch)
        if not options["check"]:
            self.stdout.write(f"The figures of {found:,} of {total:,} conversations written.")
            return
        self.stdout.write(f"The figures of {found:,} of {total:,} conversations differ.")
        if found:
            raise CommandError("Run manage.py rebuild_figures.")
