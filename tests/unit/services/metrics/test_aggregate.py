"""The values of several processes, each of which is a real one: the library names files by their ids."""

import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.paths import ROOT
from vision_chat.services.metrics.aggregate import Aggregate, emptied

RECORD = """
import os, sys
from pathlib import Path
from vision_chat.services.metrics import measured, recording
recording.name(Path(sys.argv[1]))
recording.record()
measured.REPLIES_STARTED.add(2, "a/b")
measured.REPLIES_RUNNING.set(3)
measured.UP.set(int(sys.argv[2]), "redis")
measured.FIRST_TOKEN.observe(0.3, "a/b")
print(os.getpid())
"""
OFF = """
import sys
from vision_chat.services.metrics import measured, recording
measured.REPLIES_STARTED.add(1, "a/b")
assert not recording.is_on()
assert not [name for name in sys.modules if name.startswith("prometheus_client")]
"""


def program(code: str, *arguments: object) -> str:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def records(folder: Path, *, redis: int = 1) -> int:
    """Let a process record, and end; return its id. Its files stay, as those of one that was killed."""
    return int(program(RECORD, folder, redis))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return emptied(tmp_path / "metrics")


def values(aggregate: Aggregate) -> dict[str, float]:
    """Return the samples that have a value, by name."""
    families = text_string_to_metric_families(aggregate.text().decode())
    return {sample.name: sample.value for family in families for sample in family.samples if sample.value}


def test_values_of_processes_are_summed(folder: Path) -> None:
    records(folder)
    records(folder, redis=0)
    found = values(Aggregate(folder))

    assert found["vision_chat_replies_started_total"] == 4
    assert found["vision_chat_replies_running"] == 6
    assert found["vision_chat_first_token_seconds_count"] == 2
    assert "vision_chat_up" not in found, "0, as soon as it is for one of them"


def test_what_a_process_has_counted_stays_when_it_is_forgotten_and_its_gauges_go(folder: Path) -> None:
    aggregate = Aggregate(folder)
    for _ in range(3):
        aggregate.forget(records(folder))
    records(folder)
    found = values(aggregate)

    assert found["vision_chat_replies_started_total"] == 8
    assert found["vision_chat_first_token_seconds_count"] == 4
    assert found["vision_chat_first_token_seconds_sum"] == pytest.approx(1.2)
    assert found["vision_chat_replies_running"] == 3


def test_restarts_leave_no_files_behind(folder: Path) -> None:
    aggregate = Aggregate(folder)
    for _ in range(3):
        aggregate.forget(records(folder))

    assert sorted(path.name for path in folder.iterdir()) == ["counter_ended.db", "histogram_ended.db"]


def test_to_forget_a_process_that_never_recorded_is_nothing(folder: Path) -> None:
    aggregate = Aggregate(folder)
    aggregate.forget(1)

    assert values(aggregate) == {}


def test_the_folder_is_made_anew(tmp_path: Path) -> None:
    folder = emptied(tmp_path / "metrics")
    records(folder)

    assert emptied(folder) == folder
    assert list(folder.iterdir()) == []
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_process_that_does_not_record_does_not_load_the_library() -> None:
    program(OFF)
