"""Nothing that was accepted is lost while servers are killed and what they need fails."""

import subprocess
import sys
from subprocess import PIPE, STDOUT

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
    command = [sys.executable, "-m", "tests.chaos", "--people", "4", "--slack", "100"]
    with subprocess.Popen(command, cwd=ROOT, stdout=PIPE, stderr=STDOUT, text=True) as chaos:
        try:
            said, _ = chaos.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            chaos.terminate()  # it ends what it has started
            said, _ = chaos.communicate()

    assert chaos.returncode == 0, said
