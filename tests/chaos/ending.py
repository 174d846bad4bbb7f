"""Checks of what must hold when all is well again: nothing accepted is lost or runs on, pages are right."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator

from tests.attack.finding import Finding
from tests.bench.table import say
from tests.chaos.findings import exactly, said
from tests.chaos.page import Page
from tests.chaos.person import Person
from tests.chaos.stage import Stage

MOST_RUNNING = 30.0
"""Seconds after which a reply that is still written will not end: an orphan takes fifteen."""
OPENED_AT_ONCE = 4
"""Hundreds of pages at once hold up the proxies of this process, and the servers find their database away."""
MOST_BEHIND = 60.0
"""Seconds after which a page that differs will not change: a ping comes every twenty."""


async def findings(stage: Stage) -> list[Finding]:
    quiet = await stage.seconds_until(lambda: not stage.rows.of_status("running"), 2 * MOST_RUNNING)
    found = [stage.within("no reply runs after", quiet, MOST_RUNNING)]
    found += await asyncio.to_thread(lambda: list(_of_rows(stage)))
    return [*found, *await _of_pages(stage), *_of_people(stage)]


def _of_rows(stage: Stage) -> Iterator[Finding]:
    asked = stage.rows.asked()
    accepted = {client_id for person in _everybody(stage) for client_id in person.record.accepted}
    there = {client_id: asked[client_id] for client_id in accepted if client_id in asked}
    yield exactly(f"messages lost of {len(accepted)} accepted", len(accepted) - len(there), 0)
    yield exactly("messages saved twice", sum(count > 1 for count, _ in asked.values()), 0)
    yield exactly("messages that nobody answers", sum(not has_reply for _, has_reply in asked.values()), 0)
    replies = stage.rows.replies()
    faults = [fault for reply in replies if (fault := reply.fault())]
    _explain(faults)
    yield exactly(f"replies with other words, of {len(replies)}", len(faults), 0)
    yield said("how they ended", _counted(f"{reply.status} {reply.error_code}".strip() for reply in replies))


async def _of_pages(stage: Stage) -> list[Finding]:
    pages = list(stage.pages())
    behind = pages
    opening = asyncio.Semaphore(OPENED_AT_ONCE)
    begun = asyncio.get_running_loop().time()
    while behind and asyncio.get_running_loop().time() - begun < MOST_BEHIND:
        equal = await asyncio.gather(*(_is_as_fresh(page, opening) for page in behind))
        behind = [page for page, is_equal in zip(behind, equal, strict=True) if not is_equal]
        await asyncio.sleep(1 if behind else 0)
    for page in behind:
        await _explain_difference(page)
    faults = [fault for page in pages for fault in page.faults]
    _explain(faults)
    return [
        exactly(f"pages that differ from one opened afresh, of {len(pages)}", len(behind), 0),
        exactly("frames that fit no page", len(faults), 0),
    ]


def _of_people(stage: Stage) -> Iterator[Finding]:
    records = [person.record for person in _everybody(stage)]
    unexpected = [words for record in records for words in record.unexpected]
    _explain(unexpected)
    yield exactly("refusals that say something else than “try again”", len(unexpected), 0)
    yield said("refusals", _counted(code for record in records for code in record.refusals))


async def _is_as_fresh(page: Page, opening: asyncio.Semaphore) -> bool:
    async with opening:
        fresh = await page.fetch()
    return fresh is not None and page.thread.shown() == fresh.shown()


async def _explain_difference(page: Page) -> None:
    fresh = await page.fetch()
    if fresh is None:
        say(f"  {page} cannot be fetched")
        return
    say(f"  {page}: {len(page.thread.articles)} messages, afresh {len(fresh.articles)}")
    for shown, expected in zip(page.thread.shown(), fresh.shown(), strict=False):
        if shown != expected:
            say(f"    shown  {str(shown)[:500]}\n    afresh {str(expected)[:500]}")


def _everybody(stage: Stage) -> list[Person]:
    return [*stage.people, stage.witness]


def _counted(values: Iterable[str]) -> str:
    counted = Counter(values)
    return ", ".join(f"{count} {value}" for value, count in counted.most_common()) or "none"


def _explain(faults: list[str]) -> None:
    for fault in faults[:20]:
        say(f"  {fault}")
