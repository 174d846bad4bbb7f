"""Measure what others feel of one person who asks, or uploads, hundreds of times at once, on two workers.

The same others do the same, one at a time, first alone and then beside that person, with the limits that the
product has where nobody has set any. Whatever is refused, that person tries again at once.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from statistics import median

import httpx
import uvloop

from tests.bench import many, processes
from tests.bench.ground import Ground
from tests.bench.line import Line
from tests.bench.processes import Served
from tests.bench.speakers import Answer, OurSpeaker
from tests.bench.table import Row
from tests.support import sample_images

SPEAKER = OurSpeaker()
WORKERS = 2
OTHERS = 20
TURNS, SOCKETS = 500, 25
UPLOADS, CONNECTIONS = 300, 20
WARM_UP = 5
"""Others who do it once before anything is measured."""
LOOK = 0.02
STARTED = 1.0
"""Seconds after which the person has begun."""
BEGINNINGS = (b'{"type":"reply.append"', b'{"type":"reply.blocks"', b'{"type":"error"')
ANSWERED = (b'{"type":"request.done"', b'{"type":"error"')
QUESTION = "Hello? [scenario: recite number=1 tokens=10 rate=50]"
LONG_QUESTION = "Hello? [scenario: recite number=1 tokens=600 rate=20]"
TOKEN = "a" * 32
SMALL = sample_images.encoded(sample_images.scene((320, 240)), "JPEG")
PHOTOGRAPH = sample_images.photograph((2400, 1800))

Deed = Callable[["Person"], Awaitable[float]]
"""What each of the others does; how many seconds they waited."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at a server, by their session."""

    served: Served
    session: str

    async def line(self) -> Line:
        return await Line.connect(self.served.port, SPEAKER.path, SPEAKER.headers(self.session))

    def browser(self) -> httpx.AsyncClient:
        headers = {"Cookie": f"sessionid={self.session}; csrftoken={TOKEN}", "X-CSRFToken": TOKEN}
        limits = httpx.Limits(max_connections=CONNECTIONS)
        return httpx.AsyncClient(
            base_url=self.served.url, timeout=120, trust_env=False, headers=headers, limits=limits
        )

    async def first_token(self) -> float:
        """Ask a question on a socket that was open before, and see it answered."""
        line = await self.line()
        begun = time.monotonic()
        await SPEAKER.ask(line, QUESTION, Answer("", begun, ""))
        assert await line.until(BEGINNINGS)
        taken = time.monotonic() - begun
        assert await line.until(SPEAKER.ends)
        line.close()
        return taken

    async def upload(self) -> float:
        """Upload a small picture."""
        async with self.browser() as http:
            begun = time.monotonic()
            (await _post(http, SMALL)).raise_for_status()
            return time.monotonic() - begun

    async def ask_much(self) -> None:
        """Ask all questions at once, each in a conversation of its own, and again what was answered."""

        async def keep_asking() -> None:
            while True:
                line = await self.line()
                while not line.is_lost:
                    await _ask_all(line, TURNS // SOCKETS)

        await asyncio.gather(*(keep_asking() for _ in range(SOCKETS)))

    async def upload_much(self) -> None:
        """Upload all photographs at once, and again what was answered."""
        async with self.browser() as http:
            while True:
                await asyncio.gather(*(_post(http, PHOTOGRAPH) for _ in range(UPLOADS)))


async def _ask_all(line: Line, count: int) -> None:
    line.forget()
    for _ in range(count):
        await SPEAKER.ask(line, LONG_QUESTION, Answer("", 0, ""))
    while not line.is_lost and sum(payload.startswith(ANSWERED) for _, payload in line.frames) < count:  # noqa: ASYNC110 - a line only records
        await asyncio.sleep(LOOK)


async def _post(http: httpx.AsyncClient, data: bytes) -> httpx.Response:
    return await http.post("/images/", files={"images": ("photo.jpg", data)})


def fair(_ground: Ground, _rounds: int) -> Iterator[Row]:
    """Compare what others wait for without that person and with them."""
    turns, uploads = f"{TURNS} turns of one person", f"{UPLOADS} uploads of one person"
    with (
        many.services() as on,
        processes.endpoint() as endpoint,
        processes.ours(on.ground.data_dir, endpoint, more=on.settings, workers=WORKERS) as served,
    ):
        greedy, *others = (Person(served, session) for session in on.ground.sessions)
        for name, deed, much, bar in (
            (f"{turns}: another's first token", Person.first_token, greedy.ask_much, 2.0),
            (f"{uploads}: another's first token", Person.first_token, greedy.upload_much, 2.0),
            (f"{uploads}: another's upload", Person.upload, greedy.upload_much, None),
        ):
            alone, beside = uvloop.run(_compare(others, deed, much))
            yield from _rows(name, alone, beside, bar)


async def _compare(
    others: Sequence[Person], deed: Deed, much: Callable[[], Awaitable[None]]
) -> tuple[list[float], list[float]]:
    """Return how long the others waited: alone, and beside what one person does."""
    for other in others[:WARM_UP]:
        await deed(other)
    alone = [await deed(other) for other in others[:OTHERS]]
    doing = asyncio.ensure_future(much())
    await asyncio.sleep(STARTED)
    beside = [await deed(other) for other in others[:OTHERS]]
    assert not doing.done(), doing.exception()
    doing.cancel()
    with suppress(asyncio.CancelledError):
        await doing
    return alone, beside


def _rows(name: str, alone: Sequence[float], beside: Sequence[float], bar: float | None) -> Iterator[Row]:
    for which, of in (("median", median), ("slowest", max)):
        ours, without = of(beside), of(alone)
        yield Row(
            figure=f"{name}, {which} of {len(beside)}",
            bar="–" if bar is None else f"<= {bar:g} x without",
            ours=f"{ours:.3f} s",
            relay=f"{without:.3f} s",
            ratio=f"{ours / without:.2f}",
            is_met=None if bar is None else ours <= bar * without,
        )
