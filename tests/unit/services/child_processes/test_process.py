"""Child processes: killed at the deadline, limited, started again."""

from pathlib import Path

import pytest

from vision_chat.services.child_processes.process import (
    ChildLimits,
    ChildProcess,
    EndedError,
    OvertimeError,
)

LIMITS = ChildLimits(memory_bytes=200_000_000, turn_seconds=0.01)
HANDLER = """
import os, time

def answer(question):
    if question == "sleep":
        time.sleep(60)
    if question == "eat":
        return len(bytearray(300_000_000))
    if question == "die":
        os._exit(1)
    return [question, dict(os.environ), os.getpid()]
"""


@pytest.fixture
def handler(tmp_path: Path) -> Path:
    path = tmp_path / "handler.py"
    path.write_text(HANDLER)
    return path


def test_a_question_without_end_is_killed_and_the_next_one_is_answered(handler: Path) -> None:
    with ChildProcess(handler, LIMITS) as child:
        first = child.ask("a", 10)[2]
        with pytest.raises(OvertimeError):
            child.ask("sleep", 0.1)
        answer, environment, second = child.ask("b", 10)

    assert (answer, second != first) == ("b", True)
    assert "DATA_DIR" not in environment
    assert "SECRET_KEY" not in environment


@pytest.mark.parametrize("question", ["eat", "die"])
def test_one_that_is_out_of_memory_or_crashes_is_told_from_one_that_is_slow(
    handler: Path, question: str
) -> None:
    with ChildProcess(handler, LIMITS) as child, pytest.raises(EndedError):
        child.ask(question, 10)


def test_a_caller_whose_turn_does_not_come_is_told_so(handler: Path) -> None:
    with ChildProcess(handler, LIMITS) as child:
        with child._turn, pytest.raises(OvertimeError):
            child.ask("a", 10)
        assert child.ask("a", 10)[0] == "a"
