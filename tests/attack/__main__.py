"""`make attack`: what one person who means harm can do to everybody else, as a Markdown table.

python -m tests.attack [--only page ...]

Every attack runs against a server of its own, in a data folder of its own, on this machine.
"""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.attack import (
    endless,
    floods,
    held_connections,
    locked_database,
    one_person,
    purging,
    strangers,
    uploads,
)
from tests.attack.finding import HEAD, Finding
from tests.bench import processes
from tests.bench.table import line, say

ATTACKS: dict[str, Callable[[Path], Iterator[Finding]]] = {
    "page": held_connections.quiet,
    "watches": one_person.watches,
    "tabs": one_person.tabs,
    "pages": one_person.pages,
    "submits": one_person.submits,
    "uploads": uploads.uploads,
    "locked": locked_database.locked,
    "purging": purging.purging,
    "held": held_connections.held,
    "strangers": strangers.strangers,
    "floods": floods.floods,
    "bombs": floods.bombs,
    "catalogues": floods.catalogues,
    "endless": endless.endless,
}
"""Each takes an empty folder for its data."""


def main() -> None:
    parser = argparse.ArgumentParser(description="What an attacker can do to everybody else.")
    parser.add_argument("--only", nargs="+", choices=ATTACKS, default=list(ATTACKS))
    options = parser.parse_args()
    os.sched_setaffinity(0, {processes.BESIDE})
    say(line(HEAD))
    say(line("---" for _ in HEAD))
    for name in options.only:
        with tempfile.TemporaryDirectory(prefix="vision-chat-attack-") as folder:
            for finding in ATTACKS[name](Path(folder)):
                say(line(finding.cells()))


if __name__ == "__main__":
    main()
