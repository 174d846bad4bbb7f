"""Nothing that was accepted is lost while servers are killed and what they need fails."""

import subprocess
import sys

import pytest

from tests.support.paths import ROOT

pytestmark = [
    pytest.mark.service,
    pytest.mark.programs("initdb", "postgres", "redis-server"),
    pytest.mark.long,
    pytest.mark.timeout(1000),
]
SECONDS = 900
"""It takes a minute where the machine has nothing else to do, and times count for nothing where it has."""


def test_nothing_accepted_is_lost_runs_for_ever_or_is_shown_wrong() -> None:
    chaos = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--people", "4", "--slack", "100"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert chaos.returncode == 0, chaos.stdout
