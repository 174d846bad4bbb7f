"""`manage.py rebuild_search`: write words of messages, titles and pictures that are missing, old or wrong."""

import time
from argparse import ArgumentParser
from collections.abc import Callable, Collection, Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vision_chat.services.search import matching, rebuild


class Command(BaseCommand):
    help = (
        "Bring the search index in line with messages, titles and pictures. This can run beside a server and "
        "be interrupted at any time."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="change nothing, and exit with 1 if anything differs",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self._check()
        else:
            self._rebuild()

    def _check(self) -> None:
        messages, of_messages = _counted(rebuild.batches_of_messages(), _count(rebuild.differing_messages))
        titles, of_titles = _counted(rebuild.batches_of_titles(), _count(rebuild.differing_titles))
        images, of_images = _counted(rebuild.batches_of_images(), _count(rebuild.differing_images))
        is_sound = matching.is_sound()
        self.stdout.write(
            f"{messages:,} of {of_messages:,} messages, {titles:,} of {of_titles:,} titles and "
            f"{images:,} of {of_images:,} pictures differ."
        )
        if not is_sound:
            self.stdout.write("The database’s index does not match its rows.")
        if messages or titles or images or not is_sound:
            raise CommandError("Run manage.py rebuild_search.")

    def _rebuild(self) -> None:
        if not matching.is_sound():
            self.stdout.write("The database’s index does not match its rows. Rebuilding it.")
            matching.remake()
        messages, of_messages = _counted(rebuild.batches_of_messages(), _paused(rebuild.repair_messages))
        titles, of_titles = _counted(rebuild.batches_of_titles(), _paused(rebuild.repair_titles))
        images, of_images = _counted(rebuild.batches_of_images(), _paused(rebuild.repair_images))
        self.stdout.write(
            f"{messages:,} of {of_messages:,} messages, {titles:,} of {of_titles:,} titles and "
            f"{images:,} of {of_images:,} pictures written."
        )


def _counted(batches: Iterator[Collection[Any]], job: Callable[[Any], int]) -> tuple[int, int]:
    """Return the sum of what `job` returns for the batches, and the number of all that they hold."""
    found = total = 0
    for batch in batches:
        found += job(batch)
        total += len(batch)
    return found, total


def _count(differing: Callable[[Any], Collection[object]]) -> Callable[[Any], int]:
    return lambda batch: len(differing(batch))


def _paused(repair: Callable[[Any], int]) -> Callable[[Any], int]:
    """Let a server beside this command write too: it gets as much time as the writing took."""

    def repaired(batch: Any) -> int:
        begun = time.monotonic()
        count = repair(batch)
        if count:
            time.sleep(time.monotonic() - begun)
        return count

    return repaired
