"""`make soak`: many replies at a time for long, after which nothing may be left that was not there before.

python -m tests.chaos.soak [--minutes 30] [--replies 50]

Two servers on a PostgreSQL and a Redis of their own. Everybody asks again as soon as the answer has come, on
a page of one server, and looks at another page on the other. Counted is what a server has at rest: after some
minutes, in which it loads what it needs, and at the end.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.attack.finding import HEAD, Finding
from tests.bench.table import line, say
from tests.chaos.endpoint import reciting
from tests.chaos.findings import exactly
from tests.chaos.page import Page
from tests.chaos.person import Person
from tests.chaos.rows import Rows
from tests.chaos.services import end_as_by_ctrl_c, temporary_folder
from tests.chaos.site import Server, Site, running
from tests.support.fake_endpoint import Call
from tests.support.process_resources import descriptors_of, memory_of

WARM_UP = 0.15
"""The part of the time after which a server has loaded what it needs."""
REST = 45
"""Seconds in which replies leave the memory, and streams expire."""
TURNS = 5
TOKENS, RATE = 100, 25
PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Counts:
    """The resources of one server at rest."""

    megabytes: float
    descriptors: int
    tasks: int
    threads: int

    @classmethod
    async def of(cls, server: Server) -> "Counts":
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as http:
            counted = (await http.get(f"{server.url}/counts/")).json()
        (pid,) = server.pids
        return cls(memory_of(pid), descriptors_of(pid), counted["tasks"], counted["threads"])


def main() -> None:
    parser = argparse.ArgumentParser(description="Many replies for long, and what is left of them.")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--replies", type=int, default=50, help="how many at a time")
    options = parser.parse_args()
    end_as_by_ctrl_c()
    with temporary_folder() as folder:
        found = asyncio.run(soak(folder, options.minutes, options.replies))
    sys.exit(0 if all(finding.is_met for finding in found) else 1)


async def soak(folder: Path, minutes: float, replies: int) -> list[Finding]:
    async with reciting() as fake:
        site = Site(folder, fake.base_url, servers=2, serve=("-m", "tests.chaos.counted_serve"))
        async with running(site, replies, {"MAX_REPLIES_PER_PERSON": "4"}):
            seconds = 60 * minutes
            begin = await _counted_after(site, fake.calls, seconds * WARM_UP)
            end = await _counted_after(site, fake.calls, seconds * (1 - WARM_UP))
            found = [*_compared(begin, end), *await asyncio.to_thread(lambda: list(_of_rows(site)))]
    say(line(HEAD))
    say(line("---" for _ in HEAD))
    for finding in found:
        say(line(finding.cells()))
    return found


async def _counted_after(site: Site, calls: list[Call], seconds: float) -> tuple[int, list[Counts]]:
    """Let everybody ask for so long; the keys in Redis and the counts of the servers afterwards, at rest."""
    end = time.monotonic() + seconds
    people = [Person(site.servers, session, number) for number, session in enumerate(site.sessions)]
    await asyncio.gather(*(_talk(site, person, number, end) for number, person in enumerate(people)))
    calls.clear()
    await asyncio.sleep(REST)
    return await site.redis.count_keys(), [await Counts.of(server) for server in site.servers]


async def _talk(site: Site, person: Person, number: int, end: float) -> None:
    first = number % len(site.servers)
    servers = [*site.servers[first:], *site.servers[:first]]
    while time.monotonic() < end:
        page = Page(servers, person.session)
        async with page.shown(), Page(servers[::-1], person.session, page.conversation_id).shown() as other:
            for _ in range(TURNS):
                await person.ask(page, TOKENS, RATE)
                if not other.thread.articles:
                    other.refresh()
                await page.until_answered(PATIENCE)
                if time.monotonic() > end:
                    break


def _compared(begin: tuple[int, list[Counts]], end: tuple[int, list[Counts]]) -> Iterator[Finding]:
    bars = {"megabytes": 15, "descriptors": 5, "tasks": 3, "threads": 2}
    for number, (before, after) in enumerate(zip(begin[1], end[1], strict=True)):
        for name, bar in bars.items():
            had, has = getattr(before, name), getattr(after, name)
            yield Finding(
                attack=f"server {number}: {name}",
                measured=f"{had:.0f}, at the end {has:.0f}",
                bar=f"<= {bar} more",
                is_met=has - had <= bar,
            )
    yield Finding(
        attack="keys in Redis",
        measured=f"{begin[0]}, at the end {end[0]}",
        bar="none more",
        is_met=end[0] <= begin[0],
    )


def _of_rows(site: Site) -> Iterator[Finding]:
    replies = Rows(site.postgres.url).replies()
    complete = sum(reply.status == "completed" and not reply.fault() for reply in replies)
    yield exactly(f"replies that are complete, of {len(replies)}", complete, len(replies))


if __name__ == "__main__":
    main()
