"""The stage of a scene: the site, the people on it, and the rows."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.attack.finding import Finding
from tests.chaos.page import Page
from tests.chaos.person import Person
from tests.chaos.rows import Rows
from tests.chaos.site import Disk, Server, Site
from tests.support.fake_endpoint import Call, last_user_text
from tests.support.thread_model import ThreadModel

LOOK = 0.1
PATIENCE = 30


@dataclass(frozen=True, slots=True)
class Shown:
    """A reply that runs for a while, on a page of the process that writes it and on one elsewhere."""

    id: int
    asking: Page
    watching: Page
    port: int
    """That from which its process calls the endpoint."""

    async def settled(self, seconds: float) -> None:
        """Wait until the page of the asker shows its end."""
        await self.asking.until(lambda _: self.status != "running", seconds)

    @property
    def status(self) -> str:
        """Return what the page of the asker shows."""
        found = (article.status for article in self.asking.thread.articles if article.id == str(self.id))
        return next(found, "")


@dataclass(frozen=True, slots=True)
class Stage:
    site: Site
    people: list[Person]
    witness: Person
    """Somebody who does only what a scene wants."""
    rows: Rows
    disk: Disk
    calls: list[Call]
    """All requests to the endpoint."""
    slack: float

    def within(self, what: str, seconds: float, bar: float) -> Finding:
        """Return the finding for a time. A busy machine may take more than its bar, within the slack."""
        return Finding(
            attack=what,
            measured=f"{seconds:.1f} s",
            bar=f"<= {bar:g} s",
            is_met=seconds <= bar * self.slack,
        )

    async def running(self) -> set[int]:
        """Return the replies that run now."""
        replies = await asyncio.to_thread(self.rows.replies)
        return {reply.id for reply in replies if reply.status == "running"}

    async def of_status(self, status: str) -> set[int]:
        return await asyncio.to_thread(self.rows.of_status, status)

    async def seconds_until(self, holds: Callable[[], bool], most: float) -> float:
        """Return how long it took; infinite where it took longer than `most`."""
        begun = time.monotonic()
        while time.monotonic() - begun < most:
            if await asyncio.to_thread(holds):
                return time.monotonic() - begun
            await asyncio.sleep(LOOK)
        return float("inf")

    def pages(self) -> Iterator[Page]:
        for person in (*self.people, self.witness):
            yield from person.pages

    async def long_reply(self, server: Server, tokens: int) -> Shown:
        """Let a reply begin on `server`."""
        servers = [server, *self.site.others(server)]
        asking = self.witness.open(servers=servers)
        asked = await self.witness.ask(asking, tokens, rate=20)
        await asking.until(_has_text, PATIENCE)
        watching = self.witness.open(asking.conversation_id, servers=servers[::-1])
        watching.refresh()
        await watching.until(_has_text, PATIENCE)
        assert asking.last is not None
        return Shown(int(asking.last.id), asking, watching, self._port_of(asked))

    def _port_of(self, asked: str) -> int:
        (call,) = (call for call in self.calls if last_user_text(call.body) == asked)
        assert call.peer is not None
        port: int = call.peer[1]
        return port


def _has_text(thread: ThreadModel) -> bool:
    return bool(thread.articles) and thread.articles[-1].revision > 0
