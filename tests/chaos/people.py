"""Fills an empty database with people who are signed in, and prints their session keys as JSON.

DATABASE_URL=... python -m tests.chaos.people 6
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import django

from tests.bench import processes
from tests.bench.people import session_of
from tests.support.paths import ROOT


def sessions_of(count: int, data_dir: Path, more: Mapping[str, str] = processes.NOTHING) -> list[str]:
    """Make so many people in a process of its own, and return their sessions. `more` are settings."""
    data_dir.mkdir(exist_ok=True)
    filling = subprocess.run(
        [sys.executable, "-m", "tests.chaos.people", str(count)],
        cwd=ROOT,
        env=processes.environment(data_dir, more=more),
        stdout=subprocess.PIPE,
        check=True,
    )
    sessions: list[str] = json.loads(filling.stdout)
    return sessions


def main(count: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    from django.contrib.auth.models import User  # noqa: PLC0415 - needs the line above
    from django.core.management import call_command  # noqa: PLC0415 - the same

    call_command("migrate", interactive=False, verbosity=0)
    people = [User.objects.create(username=f"person{number}", password="!") for number in range(count)]
    sys.stdout.write(json.dumps([session_of(person) for person in people]))


if __name__ == "__main__":
    main(int(sys.argv[1]))
