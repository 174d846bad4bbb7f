"""Questions to what may hang or fail."""

import logging
import threading

import pytest

from vision_chat.server.health_checks import NO_ANSWER, OK, Check


async def test_what_it_says_is_the_answer() -> None:
    assert await Check("disk", lambda: "low").answer() == "low"


async def test_what_it_raises_is_told_by_its_kind_alone() -> None:
    def ask() -> str:
        raise ConnectionRefusedError("db.internal:5432")

    assert await Check("database", ask).answer() == "failing: ConnectionRefusedError"


async def test_what_hangs_gives_no_answer_and_is_not_asked_a_second_time() -> None:
    asked = []
    goes_on = threading.Event()

    def ask() -> str:
        asked.append(1)
        goes_on.wait()
        return OK

    check = Check("storage", ask, seconds=0.01)
    assert [await check.answer(), await check.answer()] == [NO_ANSWER, NO_ANSWER]
    assert len(asked) == 1
    goes_on.set()
    check = Check("storage", ask)
    assert await check.answer() == OK


async def test_each_change_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    answers = iter([OK, "full", "full", OK])
    check = Check("disk", lambda: next(answers))
    for _ in range(4):
        await check.answer()

    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "The check of disk says: full (before: ok)"),
        ("INFO", "The check of disk says: ok (before: full)"),
    ]
