"""The data folder that all figures share: people who are signed in, and two conversations."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench import processes
from tests.bench.people import ADMINISTRATOR
from tests.support import paths

PEOPLE = 200


@dataclass(frozen=True, slots=True)
class Ground:
    data_dir: Path
    sessions: list[str]
    conversation: str
    """The address of a conversation of the first person's."""
    long_conversation: str
    """That of one of the second person's, with 2,000 messages."""
    illustrated_conversation: str
    """That of one of the third person's, who is an administrator: pictures and formatted answers."""

    @property
    def administrator(self) -> str:
        """The session of the third person."""
        return self.sessions[ADMINISTRATOR]


def empty(data_dir: Path) -> Ground:
    """Return a folder with nothing in it, for what prepares its own."""
    return Ground(data_dir, [], "", "", "")


def prepare(data_dir: Path, more: Mapping[str, str] = processes.NOTHING, people: int = PEOPLE) -> Ground:
    """Fill the folder, and start once: the first start collects the static files. `more` are settings."""
    filling = subprocess.run(
        [sys.executable, "-m", "tests.bench.people", str(people)],
        cwd=paths.ROOT,
        env=processes.environment(data_dir, more=more),
        stdout=subprocess.PIPE,
        check=True,
    )
    made = json.loads(filling.stdout)
    with processes.endpoint() as endpoint, processes.ours(data_dir, endpoint, more=more):
        pass
    return Ground(data_dir, **made)
