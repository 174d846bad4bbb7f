"""Measure what the server needs of its machine: memory, and time to start."""

import asyncio
import time
from collections.abc import Iterator

import httpx
import uvloop

from tests.bench import processes
from tests.bench.crowd import Load, ask
from tests.bench.ground import Ground
from tests.bench.processes import Served
from tests.bench.speakers import OurSpeaker, RelaySpeaker
from tests.bench.table import Row, at_most
from tests.support import sample_images

UPLOADS = 20
REST_SECONDS = 3
TURN = Load(people=1, tokens=300)


def start(ground: Ground, rounds: int) -> Iterator[Row]:
    """From the command to the first page answered, where everything is installed and collected."""
    ours, relay = [], []
    with processes.endpoint() as endpoint:
        for _ in range(rounds + 1):
            with processes.ours(ground.data_dir, endpoint) as served:
                ours.append(served.started_in)
            with processes.relay(endpoint) as served:
                relay.append(served.started_in)
    yield at_most("second start", "s", 1.5, ours, relay, digits=2)


def memory(ground: Ground, _rounds: int) -> Iterator[Row]:
    picture = sample_images.photograph(quality=94)
    with processes.endpoint() as endpoint:
        with processes.relay(endpoint) as served:
            uvloop.run(ask(served, RelaySpeaker(), [""], TURN))
            relay = served.memory()
        with processes.ours(ground.data_dir, endpoint) as served:
            uvloop.run(_page_turn_upload(served, ground, picture))
            used = served.memory()
            yield at_most("memory after a page, a turn and an upload", "MB", 120, [used], [relay])
            uvloop.run(_upload(served, ground.sessions[:UPLOADS], picture))
            time.sleep(REST_SECONDS)
            size = f"{UPLOADS} uploads at once of 12 megapixels, {len(picture) / 1e6:.1f} MB"
            yield at_most(f"memory at the peak of {size}", "MB", 300, [served.memory("VmHWM")], [])
            yield at_most("memory at rest afterwards", "MB", 150, [served.memory()], [relay])


async def _page_turn_upload(served: Served, ground: Ground, picture: bytes) -> None:
    session = ground.sessions[0]
    async with httpx.AsyncClient(base_url=served.url, timeout=60, trust_env=False) as http:
        page = await http.get(ground.conversation, headers={"Cookie": f"sessionid={session}"})
        page.raise_for_status()
    outcome = await ask(served, OurSpeaker(), [session], TURN)
    assert outcome.answers[0].has_ended
    await _upload(served, [session], picture)


async def _upload(served: Served, sessions: list[str], picture: bytes) -> None:
    """Everybody uploads the picture at the same time."""
    token = "a" * 32

    async def one(http: httpx.AsyncClient, session: str) -> None:
        headers = {"Cookie": f"sessionid={session}; csrftoken={token}", "X-CSRFToken": token}
        answer = await http.post("/images/", files={"images": ("photo.jpg", picture)}, headers=headers)
        answer.raise_for_status()

    async with httpx.AsyncClient(base_url=served.url, timeout=120, trust_env=False) as http:
        await asyncio.gather(*(one(http, session) for session in sessions))
