"""The script of a child process, run here without the process."""

import io
import json
import select
import sys
from pathlib import Path

import pytest

from vision_chat.services.child_processes import loop


def test_it_answers_each_line_by_its_handler_and_ends_with_its_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    handler = tmp_path / "handler.py"
    handler.write_text("def answer(question): return question * 2")
    monkeypatch.setattr(loop, "limit", lambda *_: None)
    monkeypatch.setattr(sys, "stdin", io.StringIO('"two\\n"\n21\n'))
    monkeypatch.setattr(select, "select", lambda *_: [[sys.stdin], [], []])
    loop.main([str(handler), "0", "0"])

    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [None, "two\ntwo\n", 42]
