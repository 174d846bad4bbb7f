"""Lines of the log, in both formats."""

import contextvars
import json
import logging
from typing import Any

import pytest

from vision_chat.server.logs import JsonFormatter, RedactingFormatter
from vision_chat.services.request_ids import Origin, work_for

SAID = "the secret plan"


def record(message: str, name: str = "vision_chat.x", **values: Any) -> logging.LogRecord:
    return logging.makeLogRecord(
        {"msg": message, "name": name, "levelname": "ERROR", "created": 1_700_000_000.25, **values}
    )


def with_exception(message: str, error: Exception | None = None) -> logging.LogRecord:
    with pytest.raises((KeyError, OSError)) as caught:
        raise error or KeyError(SAID)
    return record(message, exc_info=(caught.type, caught.value, caught.tb))


def line(record: logging.LogRecord, origin: Origin | None = None, **options: Any) -> dict[str, Any]:
    """Return what the line has, formatted while work is done for this origin."""

    def format_it() -> str:
        if origin is not None:
            work_for(origin)
        return JsonFormatter(**options).format(record)

    text = contextvars.Context().run(format_it)
    assert "\n" not in text
    members: dict[str, Any] = json.loads(text)
    return members


def test_a_line_is_an_object_with_request_person_and_worker() -> None:
    assert line(record("Hello %s", args=("you",)), Origin("b7e1.3", 7), worker="2") == {
        "time": "2023-11-14T22:13:20.250+00:00",
        "level": "ERROR",
        "logger": "vision_chat.x",
        "message": "Hello you",
        "request_id": "b7e1.3",
        "person_id": 7,
        "worker": "2",
    }


def test_without_workers_it_has_the_process_and_what_is_unknown_is_absent() -> None:
    assert {"request_id", "person_id", "worker", "exception"}.isdisjoint(members := line(record("Hello")))
    assert members["process"] > 0


def test_facts_are_members_unless_they_are_unknown() -> None:
    members = line(record("Ended", facts={"message_id": 3, "error": None}))

    assert members["message_id"] == 3
    assert "error" not in members


def test_an_exception_is_told_without_its_words() -> None:
    members = line(with_exception("It failed"))

    assert members["message"] == "It failed"
    assert members["exception"].startswith("Traceback")
    assert members["exception"].endswith("KeyError: […]")


def test_the_usual_line_has_no_words_of_exceptions_either_whatever_another_handler_wrote() -> None:
    failed = with_exception("It failed")
    logging.Formatter().format(failed)
    text = RedactingFormatter("{levelname} {message}").format(failed)

    assert text.startswith("ERROR It failed\nTraceback")
    assert text.endswith("KeyError: […]")


def test_a_task_that_failed_is_told_without_its_words() -> None:
    message = f"Task exception was never retrieved\nfuture: <Task exception=KeyError('{SAID}')>"

    assert SAID not in RedactingFormatter().format(record(message, "asyncio"))
    assert SAID not in line(record(message, "asyncio"))["message"]


@pytest.mark.parametrize("secret", ["hush", 'with"quotes\\'])
def test_secrets_are_left_out_of_objects(secret: str) -> None:
    failed = with_exception(f"{secret} at /setup/token-1/", OSError(f"{secret} at /setup/token-1/"))
    text = json.dumps(line(failed, secrets=[secret, ""]))

    assert json.dumps(secret)[1:-1] not in text
    assert "token-1" not in text
    assert "[secret] at /setup/[token]/" in text
