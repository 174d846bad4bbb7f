"""`make versions`: an older commit's code on the tables of this one, as for a while in a rolling restart.

python -m tests.versions [--ref COMMIT] [--journeys test_replies.py ...]

First people ask on a server of each version, on the same PostgreSQL and Redis, and nothing of theirs may be
lost. Then the older commit runs its own journeys on the newer tables. What it runs on is its own.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench.table import say
from tests.chaos.services import both_running, end_as_by_ctrl_c, temporary_folder
from tests.support.environment import without_settings
from tests.support.paths import ROOT
from tests.versions import older

JOURNEYS = (
    "test_accounts.py",  # signing in and out
    "test_closed_tabs.py",
    "test_interrupted_replies.py",
    "test_pages.py",
    "test_refused_pictures.py",  # uploads
    "test_replies.py",  # asking, streaming, stopping, editing
    "test_search.py",
    "test_services.py",  # two servers
    "test_sockets.py",
    "test_waiting_messages.py",
)


def main() -> None:
    parser = argparse.ArgumentParser(description="An older commit's code on the tables of this one.")
    parser.add_argument("--ref", help="the older commit; without it the newest that has fewer migrations")
    parser.add_argument("--journeys", nargs="+", default=JOURNEYS, help="files of its journeys")
    options = parser.parse_args()
    end_as_by_ctrl_c()
    ref = options.ref or older.newest_with_fewer_migrations()
    say(f"{older.described(ref)}, which lacks {', '.join(older.newer_migrations(ref)) or 'no migration'}")
    with older.checkout(ref) as folder:
        say("\nA server of each version:\n")
        is_well = _side_by_side(folder)
        older.give_migrations_of_this(folder)
        say("\nThe journeys of the older one:\n")
        is_well &= _journeys(folder, options.journeys)
    sys.exit(0 if is_well else 1)


def _side_by_side(checkout: Path) -> bool:
    command = [sys.executable, "-m", "tests.chaos", "--only", "calm", "--beside", str(checkout)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def _journeys(checkout: Path, names: Sequence[str]) -> bool:
    """Run them on a PostgreSQL and a Redis."""
    there = [path for name in names if (path := f"tests/journeys/{name}") and (checkout / path).exists()]
    with temporary_folder() as folder, both_running(folder) as (postgres, redis):
        services = {
            "TEST_ON_SERVICES": "1",
            "TEST_POSTGRES_URL": postgres.url,
            "TEST_REDIS_URL": redis.url_at(redis.port),
            "PYTHONDEVMODE": "1",
            "PYTHONMALLOC": "default",
        }
        running = subprocess.run(
            [sys.executable, "-m", "pytest", "--quiet", *there],
            cwd=checkout,
            env=without_settings() | services,
            check=False,
        )
    return running.returncode == 0


if __name__ == "__main__":
    main()
