"""Measure what a PDF of 100 pages costs: memory of server and children together, and others' waiting."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import httpx
import uvloop

from tests.bench import checks, delays, processes
from tests.bench.crowd import Load, Outcome, ask
from tests.bench.ground import Ground
from tests.bench.processes import Served
from tests.bench.speakers import OurSpeaker
from tests.bench.table import Row, at_most
from tests.support import sample_documents, sample_images
from vision_chat.services.replies._pacing import TICK

PAGES = 100
TAKEN = 10
AT_ONCE = 6
"""Previews that a browser asks for at a time."""
LOOK_SECONDS = 0.02
LOOP_MS = 50
"""For so long nothing may hold up the event loop; a token waits for the next tick too."""
TICK_MS = 1000 * TICK
WATCHED = Load(people=1, tokens=2000, rate=100)
"""The answer that somebody else reads meanwhile."""


def pages(ground: Ground, rounds: int) -> Iterator[Row]:
    """Every preview, and as many pages as a message takes; one page of ten is a scan of 8 megapixels."""
    scan = sample_images.scene((2480, 3508))
    pictures = [scan if number % 10 == 1 else None for number in range(PAGES)]
    texts = [f"Page {number + 1}\n" + "Words of a report, line by line.\n" * 30 for number in range(PAGES)]
    document = sample_documents.pdf(texts, pictures=pictures)
    memory, took, longest, alone = [], [], [], []
    for _ in range(rounds):
        with processes.endpoint() as endpoint, processes.ours(ground.data_dir, endpoint) as served:
            uvloop.run(_watched(served, ground, None))  # what only the first answer waits for
            alone.append(_longest(uvloop.run(_watched(served, ground, None))[0], endpoint, ground))
            outcome, most, seconds = uvloop.run(_watched(served, ground, document))
            memory.append(most)
            took.append(seconds)
            longest.append(_longest(outcome, endpoint, ground))
    size = f"a PDF of {PAGES} pages, {len(document) / 1e6:.0f} MB"
    yield at_most(f"server and children at the peak of {size}", "MB", 500, memory)
    yield at_most(f"all its previews and {TAKEN} pages", "s", 60, took)
    yield Row(
        figure="longest wait of a token of another answer meanwhile, beside one with nothing meanwhile",
        bar=f"<= {LOOP_MS + TICK_MS:g} ms",
        ours=f"{median(longest):.0f} ms",
        relay=f"{median(alone):.0f} ms",
        ratio=f"{median(longest) / median(alone):.2f}",
        is_met=median(longest) <= LOOP_MS + TICK_MS,
    )


def _longest(outcome: Outcome, endpoint: str, ground: Ground) -> float:
    """Milliseconds from the endpoint to the page."""
    checks.look_up_request_ids(ground.data_dir, outcome.answers)
    sent = delays.sending_times(endpoint)
    return delays.of_tokens(outcome.answers, sent, delays.shows_as_markdown).shown[-1]


async def _watched(served: Served, ground: Ground, document: bytes | None) -> tuple[Outcome, float, float]:
    peak = [0.0]
    looking = asyncio.create_task(_look(served, peak))
    work = asyncio.create_task(_use(served, ground.sessions[1], document)) if document else None
    outcome = await ask(served, OurSpeaker(), [ground.sessions[0]], WATCHED)
    seconds = await work if work else 0.0
    looking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await looking
    return outcome, peak[0], seconds


async def _look(served: Served, peak: list[float]) -> None:
    while True:
        peak[0] = max(peak[0], served.memory() + sum(map(_resident, _children(served.pid))))
        await asyncio.sleep(LOOK_SECONDS)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def _resident(pid: int) -> float:
    """Megabytes of a process; 0 of one that has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / (1 << 20)
    except (OSError, IndexError):
        return 0.0


async def _use(served: Served, session: str, document: bytes) -> float:
    """Open the document, look at all pages and take some. Returns the seconds."""
    token = "a" * 32
    headers = {"Cookie": f"sessionid={session}; csrftoken={token}", "X-CSRFToken": token}
    gate = asyncio.Semaphore(AT_ONCE)
    begun = asyncio.get_running_loop().time()
    async with httpx.AsyncClient(base_url=served.url, timeout=120, headers=headers, trust_env=False) as http:
        answer = await http.post("/documents/", files={"document": ("report.pdf", document)})
        key = answer.raise_for_status().json()["id"]

        async def preview(page: int) -> None:
            async with gate:
                (await http.get(f"/documents/{key}/{page}/")).raise_for_status()

        await asyncio.gather(*(preview(page) for page in range(1, PAGES + 1)))
        for page in range(1, TAKEN + 1):
            (await http.post(f"/documents/{key}/{page}/take/")).raise_for_status()
        await http.post(f"/documents/{key}/remove/")
    return asyncio.get_running_loop().time() - begun
