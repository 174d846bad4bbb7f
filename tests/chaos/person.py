"""A person who asks all the time, on two pages of each conversation, and remembers what was accepted."""

import asyncio
import random
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from tests.chaos.endpoint import question
from tests.chaos.page import Page, RefusedError
from tests.chaos.site import Server

TURNS = 8
"""Turns of a conversation: its page shows all of them."""
PATIENCE = 90
TRY_AGAIN = {
    "server.not_saved",
    "server.shutting_down",
    "turn.too_many_replies",
    "turn.no_place",
    "turn.reply_running",
}
"""Refusals after which a person asks once more; the others are counted as faults."""


@dataclass(slots=True)
class Record:
    """Remembers what one person was told, and what they met."""

    accepted: set[UUID] = field(default_factory=set)
    unsure: set[UUID] = field(default_factory=set)
    """Asked, and not answered yet."""
    refusals: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)


class Person:
    """Asks until told to stop."""

    def __init__(self, servers: Sequence[Server], session: str, seed: int) -> None:
        self.record = Record()
        self.pages: list[Page] = []
        self._servers, self.session = servers, session
        self._dice = random.Random(seed)
        self._tasks: list[asyncio.Task[None]] = []

    async def run(self, is_over: asyncio.Event) -> None:
        while not is_over.is_set():
            asking, watching = self.open(), None
            for _ in range(TURNS):
                if is_over.is_set():
                    return
                await self._turn(asking, watching or asking)
                watching = watching or self.open(asking.conversation_id)
                await asyncio.sleep(self._dice.uniform(0.1, 1))

    def open(self, conversation_id: str = "", servers: Sequence[Server] | None = None) -> Page:
        """Open a page: of a new conversation, or of this one on another server than the page before."""
        if servers is None:
            first = len(self.pages) % len(self._servers)
            servers = [*self._servers[first:], *self._servers[:first]]
        page = Page(servers, self.session, conversation_id)
        self.pages.append(page)
        self._tasks.append(asyncio.create_task(page.run()))
        return page

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def ask(self, page: Page, tokens: int, rate: int = 25) -> str:
        """Submit a question until it is accepted, with the same id each time; its text."""
        text, client_id = question(self._dice.randrange(1000), tokens, rate), uuid.uuid4()
        self.record.unsure.add(client_id)
        fields = {"client_id": str(client_id), "text": text, "image_ids": []}
        if await self._do(page, "turn.submit", conversation_id=page.conversation_id, **fields):
            self.record.accepted.add(client_id)
            self.record.unsure.discard(client_id)
        return text

    async def seconds_to_refusal(self, page: Page) -> float | None:
        """Ask once; how long it took to be refused. None where the question was accepted."""
        client_id, begun = uuid.uuid4(), time.monotonic()
        fields = {"client_id": str(client_id), "text": question(0, 20, 25), "image_ids": []}
        try:
            await page.request("turn.submit", conversation_id=page.conversation_id, **fields)
        except RefusedError:
            return time.monotonic() - begun
        self.record.accepted.add(client_id)
        return None

    async def _turn(self, asking: Page, watching: Page) -> None:
        await self.ask(asking, tokens=self._dice.randrange(20, 150))
        deed = self._dice.random()
        if deed < 0.1:
            await self._stop(watching)
        elif deed < 0.25 and asking.last is not None and asking.last.status == "running":
            await self.ask(asking, tokens=30)
        await asking.until_answered(PATIENCE)
        await self._go_on(self._dice.choice((asking, watching)))
        await asking.until_answered(PATIENCE)

    async def _stop(self, page: Page) -> None:
        await asyncio.sleep(self._dice.uniform(0.2, 2))
        if page.last is not None and page.last.status == "running":
            await self._do(page, "generation.stop", message_id=page.last.id)

    async def _go_on(self, page: Page) -> None:
        """Send what waits, or continue what was cut off, which the other page may show first."""
        last = page.last
        if last is None:
            return
        if last.waits:
            await self._do(page, "turn.send", message_id=last.id)
        elif last.status in {"interrupted", "stopped"} and self._dice.random() < 0.7:
            await self._do(page, "turn.continue", message_id=last.id)

    async def _do(self, page: Page, kind: str, **fields: object) -> bool:
        """Ask for something until it is done; whether it was."""
        while True:
            try:
                await page.request(kind, **fields)
            except RefusedError as error:
                self.record.refusals.append(error.code)
                if error.code not in TRY_AGAIN:
                    return self._was_pointless(kind, error.code)
                await asyncio.sleep(1)
            else:
                return True

    def _was_pointless(self, kind: str, code: str) -> bool:
        """Some refusals only say that somebody else, or a fault, was faster."""
        harmless = {
            "turn.submit": {"turn.message_waits"},
            "turn.continue": {"turn.nothing_to_continue", "conversation.not_found"},
            "turn.send": {"conversation.not_found"},
        }
        if code not in harmless.get(kind, set()):
            self.record.unexpected.append(f"{kind}: {code}")
        return False
