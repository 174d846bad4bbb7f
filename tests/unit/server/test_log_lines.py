"""What is said of exceptions: where and of which kind, and nothing that they quote."""

import pytest
from django.db import DataError, IntegrityError

from vision_chat.errors.completions import CompletionError
from vision_chat.server.log_lines import safe_message, safe_traceback, without_exception

SAID = "the secret plan"
ROW = f'null value in column "text" violates a constraint\nDETAIL:  Failing row contains (1, {SAID}).'


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (CompletionError(f"The prompt was: {SAID}"), CompletionError.code),
        (IntegrityError(ROW), 'null value in column "text" violates a constraint'),
        (
            DataError(f'invalid input syntax for type integer: "{SAID}"'),
            "invalid input syntax for type integer: […]",
        ),
        (
            ValueError(f"invalid literal for int() with base 10: '{SAID}'"),
            "invalid literal for int() with base 10: […]",
        ),
        (KeyError(SAID), "[…]"),
        (KeyError(f"it's {SAID}"), "[…]"),
        (ValueError(f"in line 1: 'it's {SAID}'"), "in line 1: […]"),
        (RuntimeError("x" * 500), "x" * 200),
        (FileNotFoundError(2, "No such file", "a/b.png"), "[Errno 2] No such file: 'a/b.png'"),
        (AttributeError("'None' has no attribute 'pk'"), "'None' has no attribute 'pk'"),
        (RuntimeError(), ""),
    ],
    ids=lambda value: type(value).__name__,
)
def test_of_a_message_what_it_quotes_is_left_out(error: Exception, message: str) -> None:
    assert safe_message(error) == message


def failing() -> None:
    raise KeyError(SAID) from ValueError(f"'{SAID}'")


def meanwhile() -> None:
    try:
        failing()
    except KeyError:
        raise IntegrityError(ROW)  # noqa: B904 - that it is raised meanwhile is tested


def traceback_of(function: object) -> str:
    with pytest.raises((KeyError, IntegrityError, ExceptionGroup)) as caught:
        function()  # type: ignore[operator]  # one of those above
    return safe_traceback(caught.value)


def test_a_traceback_has_types_and_places_of_all_that_led_to_it() -> None:
    text = traceback_of(meanwhile)

    assert SAID not in text
    assert text.count("Traceback (most recent call last):") == 2
    assert "ValueError: […]\n\nThe above exception was the direct cause" in text
    assert "KeyError: […]\n\nDuring handling of the above exception" in text
    assert "in meanwhile" in text
    assert text.endswith('django.db.utils.IntegrityError: null value in column "text" violates a constraint')


def test_the_members_of_a_group_are_told() -> None:
    def fail() -> None:
        raise ExceptionGroup("several", [ValueError(f"'{SAID}'"), CompletionError(SAID)])

    text = traceback_of(fail)

    assert SAID not in text
    assert "ValueError: […]" in text
    assert f"CompletionError: {CompletionError.code}" in text


def test_a_chain_that_leads_to_itself_ends() -> None:
    first, second = ValueError("one"), ValueError("two")
    first.__context__, second.__context__ = second, first

    assert safe_traceback(first).count("ValueError") == 2


def test_what_asyncio_says_of_a_task_is_cut_before_its_exception() -> None:
    said = f"Task exception was never retrieved\nfuture: <Task name='x' exception=ValueError('{SAID}')>"

    assert without_exception(said).endswith("<Task name='x' exception=[…]")
