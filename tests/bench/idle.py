"""Measure tabs that are only open, on two workers: their memory, and their return after a rolling restart.

Every fifth person asks again and again meanwhile, in a conversation that twenty of these tabs show.
BENCH_SOCKETS=2000 opens fewer of them.
"""

import asyncio
import itertools
import os
import signal
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import uvloop

from tests.bench import delays, many, processes
from tests.bench.ground import Ground
from tests.bench.processes import Served
from tests.bench.tab import Tab
from tests.bench.table import Row, at_most
from tests.chaos.page import Page
from tests.support.process_resources import children_of

SOCKETS = int(os.environ.get("BENCH_SOCKETS", "10000"))
TABS = 20
"""Tabs of each person, all of which show the same conversation."""
PEOPLE = SOCKETS // TABS
WORKERS = 2
ADDRESSES = 8
"""As many addresses of the machine as give ports enough, also beside those of lost connections."""
OPENED_PER_SECOND = 200
ASKERS = PEOPLE // 5
BETWEEN_QUESTIONS = 0.5
REST = 25
"""Seconds in which every tab gets a ping."""
PATIENCE = 900
LOOK = 0.1
QUESTION = "Hello? [scenario: recite number=1 tokens=20 rate=20]"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: seconds until it was accepted and until its first token, and who answers it."""

    accepted: float
    first_token: float
    conversation_id: str
    reply_id: str


@dataclass(frozen=True, slots=True)
class Restarted:
    """Holds what was seen from `begun`, when the replacement was asked for, until all tabs were back."""

    begun: float
    replaced: float
    """Seconds until the last of the workers that were there had ended."""
    asked: list[Asked]
    tabs: list[Tab]

    def seconds_away(self) -> list[float]:
        """Return for how long each tab was away, each time; the end of the measurement is no such time."""
        away = (zip(tab.leavings, tab.arrivals[1:], strict=False) for tab in self.tabs)
        return sorted(back - left for of_tab in away for left, back in of_tab)

    def returns(self) -> list[float]:
        """Seconds until each tab came back, of the last time that it did."""
        return sorted(tab.arrivals[-1] - self.begun for tab in self.tabs)

    def busiest_second(self) -> int:
        arrivals = (arrival - self.begun for tab in self.tabs for arrival in tab.arrivals[1:])
        return max(Counter(map(int, arrivals)).values(), default=0)

    def missed(self) -> tuple[int, int]:
        """Return how many tabs missed the end of a reply of their conversation, and of how many."""
        of_conversation = {asked.conversation_id: asked.reply_id for asked in self.asked}
        expecting = [tab for tab in self.tabs if tab.conversation_id in of_conversation]
        missed = sum(of_conversation[tab.conversation_id] not in tab.settled for tab in expecting)
        return missed, len(expecting)


def idle(_ground: Ground, _rounds: int) -> Iterator[Row]:
    """Open the tabs, then replace the workers under them."""
    with (
        many.services(PEOPLE) as on,
        processes.endpoint() as endpoint,
        processes.ours(on.ground.data_dir, endpoint, more=on.settings, workers=WORKERS) as served,
    ):
        memory, restarted = uvloop.run(_play(served, on.ground.sessions))
    name = f"{len(restarted.tabs):,} idle sockets"
    yield at_most(f"{name}: memory of the workers for each", "KB", 45, [memory], digits=1)
    yield from _of_return(f"{name}, rolling restart", restarted)
    yield from _of_questions("– a question meanwhile", restarted)


def _of_return(name: str, restarted: Restarted) -> Iterator[Row]:
    returns, away = restarted.returns(), restarted.seconds_away()
    codes = sum((tab.codes for tab in restarted.tabs), Counter[int]())
    yield at_most(f"{name}: until the last is back", "s", 30, returns[-1:], digits=1)
    yield _said("– until the last worker of before has ended", f"{restarted.replaced:.1f} s")
    yield _said("– how often a tab was sent away", f"{len(away) / len(restarted.tabs):.2f} times")
    half, most = delays.percentile(away, 0.5), delays.percentile(away, 0.99)
    yield _said("– away for: median, p99, most", f"{half:.2f}, {most:.2f}, {away[-1]:.2f} s")
    yield _said("– most that came back in one second", f"{restarted.busiest_second()}")
    yield _said(
        "– codes with which they were closed", ", ".join(f"{n} × {code}" for code, n in codes.items())
    )
    missed, expecting = restarted.missed()
    yield Row(
        figure=f"– tabs that missed an answer, of {expecting}", bar="0", ours=f"{missed}", is_met=not missed
    )


def _of_questions(name: str, restarted: Restarted) -> Iterator[Row]:
    accepted = sorted(asked.accepted for asked in restarted.asked)
    first = sorted(asked.first_token for asked in restarted.asked)
    yield at_most(
        f"{name}: until it is accepted, slowest of {len(accepted)}", "s", 1, accepted[-1:], digits=2
    )
    yield _said("– the same, median", f"{delays.percentile(accepted, 0.5):.2f} s")
    half, most = delays.percentile(first, 0.5), first[-1]
    yield _said(f"{name}: until its first token, median and slowest", f"{half:.2f}, {most:.2f} s")


def _said(figure: str, ours: str) -> Row:
    return Row(figure=figure, bar="–", ours=ours)


async def _play(served: Served, sessions: Sequence[str]) -> tuple[float, Restarted]:
    """Return the kilobytes of memory for each tab, and what the restart was like."""
    async with AsyncExitStack() as stack:
        pages = [Page([served], session) for session in sessions]
        await _begin_conversations(pages)
        await asyncio.sleep(REST)
        before = served.memory_with_children()
        tabs = [
            Tab(served.port, page.session, page.conversation_id, f"127.0.0.{2 + number % ADDRESSES}")
            for number in range(TABS)
            for page in pages
        ]
        opened = await stack.enter_async_context(_Opened(tabs))
        await opened.until_all_are_here()
        await asyncio.sleep(REST)
        memory = (served.memory_with_children() - before) * 1024 / len(tabs)
        askers = [await stack.enter_async_context(page.shown()) for page in pages[:ASKERS]]
        await _until(lambda: all(page.is_connected for page in askers))
        return memory, await _restart(served, opened, askers)


async def _begin_conversations(pages: Sequence[Page]) -> None:
    """Let everybody ask a first question, some at a time."""
    at_once = asyncio.Semaphore(8)

    async def one(page: Page) -> None:
        async with at_once, page.shown():
            await _ask(page)

    await asyncio.gather(*map(one, pages))


async def _restart(served: Served, opened: "_Opened", askers: Sequence[Page]) -> Restarted:
    """Replace all workers, and have questions asked until every tab is back."""
    workers = set(children_of(served.pid))
    begun = time.monotonic()
    os.kill(served.pid, signal.SIGHUP)
    replacing = asyncio.create_task(_until(lambda: workers.isdisjoint(children_of(served.pid))))
    asking: dict[Page, asyncio.Task[Asked]] = {}
    asked: list[Asked] = []
    for asker in itertools.cycle(askers):
        if replacing.done() and opened.are_all_here():
            break
        if asker not in asking or asking[asker].done():
            asked += [asking[asker].result()] if asker in asking else []
            asking[asker] = asyncio.create_task(_ask(asker))
        await asyncio.sleep(BETWEEN_QUESTIONS)
    await replacing
    asked += await asyncio.gather(*asking.values())
    await opened.until_all_are_here()
    restarted = Restarted(begun, replacing.result() - begun, asked, opened.tabs)
    await asyncio.sleep(REST)  # until every tab was told whether it had missed something
    return restarted


async def _ask(page: Page) -> Asked:
    """Ask a question as a page does, which comes back where it is sent away meanwhile."""
    begun, known = time.monotonic(), len(page.thread.articles)
    fields = {"client_id": str(uuid.uuid4()), "text": QUESTION, "image_ids": []}
    await page.request("turn.submit", conversation_id=page.conversation_id, **fields)
    accepted = time.monotonic() - begun
    await page.until(
        lambda thread: len(thread.articles) > known and thread.articles[-1].revision > 0, PATIENCE
    )
    first_token = time.monotonic() - begun
    await page.until_answered(PATIENCE)
    assert page.last is not None
    return Asked(accepted, first_token, page.conversation_id, page.last.id)


class _Opened:
    """Tabs, which are open while this is entered."""

    def __init__(self, tabs: list[Tab]) -> None:
        self.tabs = tabs
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "_Opened":
        for tab in self.tabs:
            self._tasks.append(asyncio.create_task(tab.stay_open()))
            await asyncio.sleep(1 / OPENED_PER_SECOND)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def are_all_here(self) -> bool:
        return all(tab.is_here for tab in self.tabs)

    async def until_all_are_here(self) -> None:
        await _until(self.are_all_here)


async def _until(holds: Callable[[], bool]) -> float:
    """Wait until it holds; when it did."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - other processes have no event
            await asyncio.sleep(LOOK)
    return time.monotonic()
