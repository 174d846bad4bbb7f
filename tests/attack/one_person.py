"""One person who asks for far more than their share, and what another person feels of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec
import uvloop

from tests.attack.finding import Finding, at_most
from tests.bench import ground, processes
from tests.bench.ground import Ground
from tests.bench.line import Line
from tests.bench.processes import Served
from tests.bench.speakers import Answer, OurSpeaker

SPEAKER = OurSpeaker()
DONE = b'{"type":"request.done"'
ANSWERED = (DONE, b'{"type":"error"')
SOCKETS, WATCHES = 10, 300
TABS = 20
LOADS = 10
SUBMITS = 500
SUBMIT_BAR = 0.5
"""Seconds within which another person's question is taken."""
SECONDS = 6.0
"""How long the other person goes on asking."""
REST_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Scene:
    """A server, a person with a long conversation who means harm, and another person."""

    served: Served
    prepared: Ground

    @property
    def attacker(self) -> str:
        return self.prepared.sessions[1]

    @property
    def conversation_id(self) -> str:
        return self.prepared.long_conversation.split("/")[2]

    async def line(self, session: str) -> Line:
        return await Line.connect(self.served.port, SPEAKER.path, SPEAKER.headers(session))

    def watch(self, leaf: str | None = None, cursors: dict[str, int] | None = None) -> bytes:
        return msgspec.json.encode(
            {
                "type": "conversation.watch",
                "request_id": "w",
                "conversation_id": self.conversation_id,
                "leaf_id": leaf,
                "cursors": cursors or {},
            }
        )

    def page(self) -> tuple[str, dict[str, int]]:
        """The last message of the long conversation, and the cursors of all its replies."""
        answer = httpx.get(
            self.served.url + self.prepared.long_conversation,
            headers={"Cookie": f"sessionid={self.attacker}"},
            timeout=60,
            trust_env=False,
        )
        articles = answer.text.split('data-message-id="')[1:]
        shown = {}
        for article in articles:
            message_id, _, rest = article.partition('"')
            if 'data-role="assistant"' in rest:
                shown[message_id] = int(rest.partition('data-revision="')[2].partition('"')[0])
        return message_id, shown

    async def slowest_submit(self, seconds: float = SECONDS) -> float:
        """Ask one question after the other; the longest time until one was taken."""
        line = await self.line(self.prepared.sessions[2])
        slowest, end, number = 0.0, time.monotonic() + seconds, 0
        while time.monotonic() < end:
            number += 1
            line.forget()
            begun = time.monotonic()
            text = f"Hello [scenario: recite number={number} tokens=3 rate=0]"
            await SPEAKER.ask(line, text, Answer("", begun, ""))
            assert await line.until((DONE,)), line.frames
            slowest = max(slowest, time.monotonic() - begun)
            assert await line.until(SPEAKER.ends)
            await asyncio.sleep(0.05)
        line.close()
        return slowest


Attack = Callable[[Scene], Awaitable[None]]


def scenes(data_dir: Path) -> Iterator[Scene]:
    prepared = ground.prepare(data_dir)
    with processes.endpoint() as endpoint, processes.ours(data_dir, endpoint) as served:
        yield Scene(served, prepared)


def watches(data_dir: Path) -> Iterator[Finding]:
    """Watch a long conversation on many sockets, in three ways."""
    for scene in scenes(data_dir):
        leaf, cursors = scene.page()
        name = f"{SOCKETS} sockets with {WATCHES} watches each of 2,000 messages"
        yield at_most("nobody attacks: slowest submit", uvloop.run(scene.slowest_submit()), SUBMIT_BAR, "s")
        for kind, frame in (
            ("nothing known", scene.watch()),
            ("everything known", scene.watch(leaf, {leaf: cursors[leaf]})),
            ("every cursor", scene.watch(leaf, cursors)),
        ):
            slowest, cpu = uvloop.run(_flood(scene, frame))
            yield at_most(
                f"{name}, {kind}, closed at once: another's slowest submit", slowest, SUBMIT_BAR, "s"
            )
            yield at_most("the same: CPU of the server in the second from 2 s after", cpu, 0.1, "s")
            slowest = uvloop.run(_paced(scene, frame))
            yield at_most(
                "the same, each when the last was answered: another's slowest", slowest, SUBMIT_BAR, "s"
            )


async def _flood(scene: Scene, frame: bytes) -> tuple[float, float]:
    lines = [await scene.line(scene.attacker) for _ in range(SOCKETS)]
    asking = asyncio.create_task(scene.slowest_submit())
    await asyncio.sleep(0.3)
    for line in lines:
        for _ in range(WATCHES):
            line.send(frame)
    for line in lines:
        line.close_when_sent()
    slowest = await asking
    # again with nobody else on the server
    lines = [await scene.line(scene.attacker) for _ in range(SOCKETS)]
    for line in lines:
        for _ in range(WATCHES):
            line.send(frame)
    for line in lines:
        line.close_when_sent()
    await asyncio.sleep(REST_SECONDS)
    before = scene.served.cpu()
    await asyncio.sleep(1)
    return slowest, scene.served.cpu() - before


async def _paced(scene: Scene, frame: bytes) -> float:
    async def go_on(line: Line) -> None:
        while not asking.done():
            line.forget()
            line.send(frame)
            await line.until(ANSWERED)

    lines = [await scene.line(scene.attacker) for _ in range(SOCKETS)]
    asking = asyncio.create_task(scene.slowest_submit())
    await asyncio.gather(*map(go_on, lines))
    for line in lines:
        line.close()
    return await asking


def tabs(data_dir: Path) -> Iterator[Finding]:
    """Let honest tabs on a long conversation connect again, all at once and again and again."""
    for scene in scenes(data_dir):
        leaf, cursors = scene.page()
        frame = scene.watch(leaf, {leaf: cursors[leaf]})
        slowest, longest = uvloop.run(_reconnect(scene, frame))
        name = f"{TABS} honest tabs that reconnect"
        yield at_most(f"{name}: another's slowest submit", slowest, SUBMIT_BAR, "s")
        yield at_most(f"{name}: until the last of them is up to date", longest, 1, "s")


async def _reconnect(scene: Scene, frame: bytes) -> tuple[float, float]:
    longest = 0.0

    async def one() -> None:
        line = await scene.line(scene.attacker)
        line.send(frame)
        assert await line.until((DONE,))
        line.close()

    async def again_and_again() -> None:
        nonlocal longest
        while True:
            begun = time.monotonic()
            await asyncio.gather(*(one() for _ in range(TABS)))
            longest = max(longest, time.monotonic() - begun)

    reconnecting = asyncio.create_task(again_and_again())
    slowest = await scene.slowest_submit()
    reconnecting.cancel()
    return slowest, longest


def pages(data_dir: Path) -> Iterator[Finding]:
    """Load the page of 2,000 messages in many tabs, again and again."""
    for scene in scenes(data_dir):
        slowest = uvloop.run(_load(scene))
        yield at_most(
            f"{LOADS} tabs that load a page of 2,000 messages: another's slowest submit",
            slowest,
            SUBMIT_BAR,
            "s",
        )


async def _load(scene: Scene) -> float:
    headers = {"Cookie": f"sessionid={scene.attacker}"}
    async with httpx.AsyncClient(
        base_url=scene.served.url, headers=headers, timeout=120, trust_env=False
    ) as http:

        async def again_and_again() -> None:
            while True:
                (await http.get(scene.prepared.long_conversation)).raise_for_status()

        loading = [asyncio.create_task(again_and_again()) for _ in range(LOADS)]
        await asyncio.sleep(0.5)
        slowest = await scene.slowest_submit()
        for task in loading:
            task.cancel()
        await asyncio.gather(*loading, return_exceptions=True)
    return slowest


def submits(data_dir: Path) -> Iterator[Finding]:
    """Ask hundreds of questions at once, each answered for a long time."""
    for scene in scenes(data_dir):
        slowest, accepted = uvloop.run(_ask_much(scene))
        name = f"{SUBMITS} questions of one person at once"
        yield at_most(f"{name}: answers that run", accepted, 4, "", digits=0)
        yield at_most(f"{name}: another's slowest submit", slowest, SUBMIT_BAR, "s")


async def _ask_much(scene: Scene) -> tuple[float, int]:
    lines = [await scene.line(scene.attacker) for _ in range(SOCKETS)]
    asking = asyncio.create_task(scene.slowest_submit())
    await asyncio.sleep(0.3)

    async def ask(line: Line) -> int:
        accepted = 0
        for _ in range(SUBMITS // SOCKETS):
            line.forget()
            question = "Hello [scenario: recite number=1 tokens=2000 rate=10]"
            await SPEAKER.ask(line, question, Answer("", 0, ""))
            await line.until(ANSWERED)
            accepted += any(payload.startswith(DONE) for _, payload in line.frames)
        return accepted

    accepted = sum(await asyncio.gather(*map(ask, lines)))
    slowest = await asking
    for line in lines:
        line.close()
    return slowest, accepted
