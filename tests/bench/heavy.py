"""Measure heavy work beside an answer that somebody reads: a PDF of 100 pages, twelve photographs.

Memory is that of the server and its children together.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from statistics import median
from time import monotonic

import httpx
import uvloop

from tests.bench import processes
from tests.bench.crowd import Load, ask
from tests.bench.ground import Ground
from tests.bench.processes import Served
from tests.bench.speakers import OurSpeaker
from tests.bench.table import Row, at_most
from tests.support import sample_documents, sample_images

PAGES = 100
TAKEN = 10
PHOTOGRAPHS = 12
AT_ONCE = 6
"""Requests that a browser has running at a time."""
LOOK_SECONDS = 0.02
LOOP_MS = 50
"""For so long nothing may hold up the event loop."""
WATCHED = Load(people=1, tokens=2000, rate=100)
"""The answer that somebody reads meanwhile."""

Work = Callable[[httpx.AsyncClient], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Seen:
    """Megabytes at the peak, seconds of the work, milliseconds for which the event loop was held up."""

    memory: float
    seconds: float
    held_up: float


def pdf(ground: Ground, rounds: int) -> Iterator[Row]:
    """Every preview, and as many pages as a message takes; one page of ten is a scan of 8 megapixels."""
    scan = sample_images.scene((2480, 3508))
    pictures = [scan if number % 10 == 1 else None for number in range(PAGES)]
    texts = [f"Page {number + 1}\n" + "Words of a report, line by line.\n" * 30 for number in range(PAGES)]
    document = sample_documents.pdf(texts, pictures=pictures)

    async def use(http: httpx.AsyncClient) -> None:
        answer = await http.post("/documents/", files={"document": ("report.pdf", document)})
        key = answer.raise_for_status().json()["id"]
        await _all(lambda page: http.get(f"/documents/{key}/{page}/"), PAGES)
        for page in range(1, TAKEN + 1):
            (await http.post(f"/documents/{key}/{page}/take/")).raise_for_status()
        await http.post(f"/documents/{key}/remove/")

    name = f"a PDF of {PAGES} pages, {len(document) / 1e6:.0f} MB: all its previews, {TAKEN} pages"
    yield from _rows(name, 60, _rounds(ground, use, rounds))


def photographs(ground: Ground, rounds: int) -> Iterator[Row]:
    """Twelve photographs that one person drops at once."""
    data = [sample_images.photograph(quality=94 - number) for number in range(PHOTOGRAPHS)]

    async def use(http: httpx.AsyncClient) -> None:
        def upload(number: int) -> Awaitable[httpx.Response]:
            return http.post("/images/", files={"images": (f"{number}.jpg", data[number - 1])})

        await _all(upload, PHOTOGRAPHS)

    name = f"{PHOTOGRAPHS} photographs of 12 megapixels at once, {sum(map(len, data)) / 1e6:.0f} MB"
    yield from _rows(name, 60, _rounds(ground, use, rounds))


def _rows(name: str, most_seconds: float, rounds: list[tuple[Seen, Seen]]) -> Iterator[Row]:
    alone, beside = zip(*rounds, strict=True)
    yield at_most(f"{name}; server and children at the peak", "MB", 500, [seen.memory for seen in beside])
    yield at_most("– until it is done", "s", most_seconds, [seen.seconds for seen in beside])
    held_up = median(seen.held_up for seen in beside)
    without = median(seen.held_up for seen in alone)
    yield Row(
        figure="– the event loop is held up at most, beside the same without the work",
        bar=f"<= {LOOP_MS} ms",
        ours=f"{held_up:.0f} ms",
        relay=f"{without:.0f} ms",
        ratio=f"{held_up / without:.2f}",
        is_met=held_up <= LOOP_MS,
    )


def _rounds(ground: Ground, use: Work, rounds: int) -> list[tuple[Seen, Seen]]:
    """Return what was seen without the work and with it, of servers that were started for each round."""
    found = []
    for _ in range(rounds):
        with processes.endpoint() as endpoint, processes.watched(ground.data_dir, endpoint) as served:
            uvloop.run(_stream(served, ground))  # what only the first answer waits for
            alone = uvloop.run(_beside(served, ground, None))
            found.append((alone, uvloop.run(_beside(served, ground, use))))
    return found


async def _stream(served: Served, ground: Ground) -> None:
    outcome = await ask(served, OurSpeaker(), [ground.sessions[0]], WATCHED)
    assert outcome.answers[0].has_ended


async def _beside(served: Served, ground: Ground, use: Work | None) -> Seen:
    """Stream the answer to one person while another one works."""
    peak = [0.0]
    looking = asyncio.create_task(_look(served, peak))
    token = "a" * 32
    headers = {"Cookie": f"sessionid={ground.sessions[1]}; csrftoken={token}", "X-CSRFToken": token}
    async with httpx.AsyncClient(base_url=served.url, timeout=120, headers=headers, trust_env=False) as http:
        await http.get("/held-up/")  # begins the measurement
        begun = monotonic()
        streaming = asyncio.create_task(_stream(served, ground))
        if use is not None:
            await use(http)
        seconds = monotonic() - begun
        await streaming
        held_up = float((await http.get("/held-up/")).text)
    looking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await looking
    return Seen(peak[0], seconds, held_up)


async def _all(request: Callable[[int], Awaitable[httpx.Response]], count: int) -> None:
    """Make the requests with the numbers from 1, a few at a time."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with gate:
            (await request(number)).raise_for_status()

    await asyncio.gather(*(one(number) for number in range(1, count + 1)))


async def _look(served: Served, peak: list[float]) -> None:
    while True:
        peak[0] = max(peak[0], served.memory_with_children())
        await asyncio.sleep(LOOK_SECONDS)
