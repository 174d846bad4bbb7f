"""The id of a request, as tasks and threads take it along."""

import asyncio
import contextvars
from collections.abc import Callable
from typing import TypeVar

import pytest

from vision_chat.services.completions._requests import clean_id
from vision_chat.services.request_ids import MAX_LENGTH, Origin, current, id_of_call, is_sound, work_for

Result = TypeVar("Result")


def apart(function: Callable[[], Result]) -> Result:
    """Call in a context of its own, so that no other test has the id."""
    return contextvars.Context().run(function)


@pytest.mark.parametrize("given", ["a", "b7e1", "0af7-651916cd:43.x_Y", "a" * MAX_LENGTH])
def test_an_id_of_letters_digits_and_a_few_signs_is_sound(given: str) -> None:
    assert is_sound(given)


@pytest.mark.parametrize(
    "given", ["", ".a", "a b", "a\n", "a\r\nb: c", "ä", "a" * (MAX_LENGTH + 1), "<b>", '"']
)
def test_what_could_break_a_line_or_a_header_is_not(given: str) -> None:
    assert not is_sound(given)


def test_the_id_of_a_call_begins_with_that_of_its_request() -> None:
    def call() -> tuple[str, str]:
        work_for(Origin("b7e1.3", 1))
        return id_of_call(), id_of_call()

    first, second = apart(call)

    assert first.startswith("b7e1.3.")
    assert first != second


def test_what_the_server_does_by_itself_has_ids_too() -> None:
    assert len(apart(id_of_call)) == 32
    assert apart(current) == Origin()


async def test_a_task_takes_the_origin_along_and_keeps_its_own() -> None:
    async def work() -> tuple[str, str]:
        before = current().request_id
        work_for(Origin("inner"))
        await asyncio.sleep(0)
        return before, current().request_id

    work_for(Origin("outer"))

    assert await asyncio.create_task(work()) == ("outer", "inner")
    assert current().request_id == "outer"


def test_the_longest_id_that_may_come_fits_into_the_row_and_reaches_the_endpoint_whole() -> None:
    def of_part() -> str:
        work_for(Origin(f"{'a' * MAX_LENGTH}.1234567890"))
        work_for(Origin(id_of_call()))  # a reply, which then asks about the next part
        return id_of_call()

    longest = apart(of_part)

    assert len(longest) <= 128
    assert clean_id(longest) == longest
