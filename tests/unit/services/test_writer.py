"""The writer's thread, on the real database."""

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Callable

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, OperationalError, connection, transaction

from vision_chat.errors.turns import NotFoundError
from vision_chat.services.database_threads import are_held_up
from vision_chat.services.writer import Readers, Writer

pytestmark = [pytest.mark.usefixtures("transactional_db"), pytest.mark.each_database]


@pytest.fixture
async def writer() -> AsyncIterator[Writer]:
    writer = Writer()
    yield writer
    await writer.close()


@pytest.fixture
async def readers() -> AsyncIterator[Readers]:
    readers = Readers()
    yield readers
    await readers.close()


class Busy:
    """Holds the writer's thread until it is let go: what is asked for meanwhile waits together."""

    def __init__(self, writer: Writer) -> None:
        self._is_held, self._let_go = threading.Event(), threading.Event()
        self._task = asyncio.create_task(writer.run(self._hold))

    def _hold(self) -> None:
        self._is_held.set()
        self._let_go.wait(20)

    async def __aenter__(self) -> None:
        await asyncio.to_thread(self._is_held.wait, 20)

    async def __aexit__(self, *_: object) -> None:
        self._let_go.set()
        await self._task


async def together(writer: Writer, *functions: Callable[[], object]) -> list[object]:
    """Return what comes of functions that wait at the same time: results and errors."""
    async with Busy(writer):
        tasks = [asyncio.create_task(writer.run(function)) for function in functions]
        await asyncio.sleep(0)  # each has asked now
    return await asyncio.gather(*tasks, return_exceptions=True)


def keep(name: str) -> Callable[[], str]:
    def create() -> str:
        with transaction.atomic():
            return User.objects.create(username=name).username

    return create


def kept() -> set[str]:
    return set(User.objects.values_list("username", flat=True))


async def kept_now() -> set[str]:
    return await asyncio.to_thread(_and_close, kept)


def _and_close(read: Callable[[], set[str]]) -> set[str]:
    try:
        return read()
    finally:
        connection.close()


async def test_the_writer_runs_jobs_in_order_and_each_gets_its_own_result(writer: Writer) -> None:
    order: list[int] = []

    def numbered(number: int) -> Callable[[], int]:
        def note() -> int:
            order.append(number)
            return number

        return note

    many = 300
    assert await together(writer, *map(numbered, range(many))) == list(range(many))
    assert order == list(range(many))


async def test_people_take_turns_at_the_writer(writer: Writer) -> None:
    order: list[str] = []
    async with Busy(writer):
        asked = [asyncio.create_task(writer.run_for(person, order.append, person)) for person in "aaabb"]
        asked.append(asyncio.create_task(writer.run(order.append, "server")))
        await asyncio.sleep(0)
    await asyncio.gather(*asked)

    assert order == ["a", "b", "server", "a", "b", "a"]


async def test_one_person_s_jobs_take_one_thread_and_leave_the_others(
    readers: Readers,
) -> None:
    go_on, begun = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        go_on.wait(20)

    held = [asyncio.create_task(readers.run_for("a", hold)) for _ in range(3)]
    await asyncio.to_thread(begun.wait, 20)
    assert await readers.run_for("b", lambda: "done") == "done"
    assert not any(task.done() for task in held)

    go_on.set()
    await asyncio.gather(*held)


async def test_readers_that_close_finish_the_jobs_of_a_person_who_waits_for_themselves() -> None:
    readers = Readers()
    asked = [asyncio.create_task(readers.run_for("a", lambda number=number: number)) for number in range(20)]  # type: ignore[misc]  # a default
    await asyncio.sleep(0)
    await readers.close()

    assert await asyncio.gather(*asked) == list(range(20))


async def test_a_person_s_job_that_does_not_begin_in_time_is_given_up() -> None:
    writer = Writer(patience=0.01)
    async with Busy(writer):
        asked = [asyncio.create_task(writer.run_for(name, keep(name))) for name in ("bea", "cid")]
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        server_s = asyncio.create_task(writer.run(keep("dan")))
        await asyncio.sleep(0)

    assert [type(outcome) for outcome in outcomes] == [OperationalError, OperationalError]
    assert await server_s == "dan"
    assert await kept_now() == {"dan"}
    await writer.close()


async def test_a_person_s_job_that_has_begun_is_waited_for_however_long_it_takes() -> None:
    writer, begun, go_on = Writer(patience=0.01), threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        go_on.wait(20)
        return "done"

    asked = asyncio.create_task(writer.run_for("ann", slow))
    await asyncio.to_thread(begun.wait, 20)
    given_up = await asyncio.gather(writer.run_for("ann", slow), return_exceptions=True)
    go_on.set()

    assert [type(outcome) for outcome in given_up] == [OperationalError]
    assert await asked == "done"
    await writer.close()


async def test_people_s_jobs_that_wait_are_given_up_when_people_are_refused_and_are_never_done() -> None:
    writer = Writer()
    async with Busy(writer):
        asked = [asyncio.create_task(writer.run_for(name, keep(name))) for name in ("bea", "cid")]
        server_s = asyncio.create_task(writer.run(keep("dan")))
        await asyncio.sleep(0)
        writer.refuse_people(refuses=True)
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
    await server_s
    writer.refuse_people(refuses=False)

    assert [type(outcome) for outcome in outcomes] == [OperationalError, OperationalError]
    assert await writer.run_for("eve", keep("eve")) == "eve"
    assert await kept_now() == {"dan", "eve"}
    await writer.close()


async def test_a_job_that_has_begun_is_not_given_up_when_people_are_refused(writer: Writer) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        go_on.wait(20)
        return "done"

    asked = asyncio.create_task(writer.run_for("ann", slow))
    await asyncio.to_thread(begun.wait, 20)
    writer.refuse_people(refuses=True)
    go_on.set()

    assert await asked == "done"


async def test_a_writer_that_is_held_up_closes_all_the_same() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        go_on.wait(20)

    held_up = Writer()
    holding = asyncio.create_task(held_up.run(hold))
    await asyncio.to_thread(begun.wait, 20)
    await held_up.close(patience=0.01)
    assert not holding.done()
    assert are_held_up()

    go_on.set()
    await holding
    await held_up.close()
    assert not are_held_up()


async def test_a_job_that_is_refused_does_not_touch_the_others(writer: Writer) -> None:
    def refuse() -> None:
        with transaction.atomic():
            keep("nobody")()
            raise NotFoundError

    outcomes = await together(writer, keep("bea"), refuse, keep("cid"))

    assert isinstance(outcomes[1], NotFoundError)
    assert await kept_now() == {"bea", "cid"}


async def test_a_job_that_the_database_refuses_does_not_touch_the_others(writer: Writer) -> None:
    outcomes = await together(writer, keep("bea"), keep("bea"), keep("cid"))

    assert [type(outcome) for outcome in outcomes] == [str, IntegrityError, str]
    assert await kept_now() == {"bea", "cid"}


async def test_a_job_that_nobody_waits_for_any_more_is_not_begun(writer: Writer) -> None:
    async with Busy(writer):
        given_up = asyncio.create_task(writer.run(keep("bea")))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
        task = asyncio.create_task(writer.run(keep("cid")))
        await asyncio.sleep(0)
    await task

    assert await kept_now() == {"cid"}


async def test_many_jobs_that_were_given_up_do_not_hold_up_the_next(writer: Writer) -> None:
    async with Busy(writer):
        given_up = [asyncio.create_task(writer.run(kept)) for _ in range(100)]
        last = asyncio.create_task(writer.run(keep("bea")))
        await asyncio.sleep(0)
        for task in given_up:
            task.cancel()

    async with asyncio.timeout(20):
        assert await last == "bea"


async def test_a_job_that_was_begun_is_finished_though_nobody_waits_for_it(writer: Writer) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        go_on.wait(20)
        keep("bea")()

    task = asyncio.create_task(writer.run(slow))
    await asyncio.to_thread(begun.wait, 20)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    go_on.set()

    assert await writer.run(kept) == {"bea"}


async def test_an_error_of_a_job_that_nobody_waits_for_any_more_is_not_reported(readers: Readers) -> None:
    reports: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reports.append(context))
    begun, go_on = threading.Event(), threading.Event()

    def fail() -> None:
        begun.set()
        go_on.wait(10)
        raise NotFoundError

    task = asyncio.create_task(readers.run_for("ann", fail))
    await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    await asyncio.wait({task})
    go_on.set()
    await readers.run_for("ann", int)  # after the one that fails
    del task
    gc.collect()
    assert reports == []


async def test_an_error_outside_of_the_database_reaches_the_job_s_caller(writer: Writer) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await writer.run(broken)
    assert await writer.run(lambda: "goes on") == "goes on"


async def test_closing_the_writer_finishes_the_jobs_that_were_asked_for() -> None:
    writer = Writer()
    task = asyncio.create_task(writer.run(keep("bea")))
    await asyncio.sleep(0)
    await writer.close()

    assert await task == "bea"
    assert await kept_now() == {"bea"}
