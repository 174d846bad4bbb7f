"""One export of each person at a time, however it ends; there is no clock in it."""

import asyncio
from collections.abc import Callable, Hashable

import pytest

from vision_chat.errors.accounts import ExportRunningError
from vision_chat.server.exports import ExportGate, is_export


async def download(gate: ExportGate, person: Hashable, ended: asyncio.Event) -> None:
    gate.enter(person)
    await ended.wait()


async def test_a_second_export_of_a_person_is_refused_and_another_person_is_let_in() -> None:
    gate, ended = ExportGate(), asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(download(gate, "ann", ended))
        await asyncio.sleep(0)
        with pytest.raises(ExportRunningError):
            gate.enter("ann")
        tasks.create_task(download(gate, "ben", ended))
        ended.set()

    await download(gate, "ann", ended)


def finish(task: "asyncio.Task[None]", ended: asyncio.Event) -> None:
    ended.set()


def cancel(task: "asyncio.Task[None]", ended: asyncio.Event) -> None:
    task.cancel()


@pytest.mark.parametrize("end", [finish, cancel])
async def test_an_export_counts_until_its_request_ends_in_whatever_way(
    end: Callable[["asyncio.Task[None]", asyncio.Event], None],
) -> None:
    gate, ended = ExportGate(), asyncio.Event()
    task = asyncio.create_task(download(gate, "ann", ended))
    await asyncio.sleep(0)
    end(task, ended)
    await asyncio.wait({task})
    ended.set()

    await asyncio.create_task(download(gate, "ann", ended))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/account/export/", True),
        ("/pictures/download/", True),
        ("/pictures/1/suggest/", True),
        ("/account/", False),
        ("/account/export", False),
    ],
)
def test_is_export_tells_by_the_path(path: str, *, expected: bool) -> None:
    assert is_export({"method": "GET", "path": path}) is expected
