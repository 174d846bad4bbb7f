"""Many people who ask at the same time, and what that costs the server."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from tests.bench.line import Line
from tests.bench.processes import Served
from tests.bench.speakers import Answer, Speaker
from tests.support.fake_scenarios import recital

IDLE_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """`people` ask within `spread` seconds; each gets `tokens` at `rate` per second (0: at once)."""

    people: int
    tokens: int
    rate: int = 0
    spread: float = 0
    turns: int = 1
    """Questions of each person. More than one are asked in turn, by one person at a time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    answers: list[Answer]
    cpu: float
    """Seconds, without what the server uses when it is idle."""


@dataclass(frozen=True, slots=True)
class Person:
    session: str
    line: Line


async def ask(served: Served, speaker: Speaker, sessions: Sequence[str], load: Load) -> Outcome:
    """Put the load on the server, wait until every answer has ended or is lost."""
    people = [await _sit_down(served, speaker, session) for session in sessions[: load.people]]
    idle = await _cpu_of(served, lambda: asyncio.sleep(IDLE_SECONDS))
    answers: list[Answer] = []

    async def play() -> None:
        if load.turns > 1:
            for number, person in enumerate(people):
                await _converse(speaker, person, number, load, answers)
        else:
            await _all_at_once(speaker, people, load, answers)

    begun = time.monotonic()
    used = await _cpu_of(served, play)
    took = time.monotonic() - begun
    for person in people:
        person.line.close()
    for answer in answers:
        speaker.understand(answer)
    return Outcome(answers, used - idle * took / IDLE_SECONDS)


async def _sit_down(served: Served, speaker: Speaker, session: str) -> Person:
    return Person(session, await Line.connect(served.port, speaker.path, speaker.headers(session)))


async def _cpu_of(served: Served, doing: Callable[[], Awaitable[object]]) -> float:
    before = served.cpu()
    await doing()
    return served.cpu() - before


async def _all_at_once(speaker: Speaker, people: Sequence[Person], load: Load, answers: list[Answer]) -> None:
    async def one(number: int, person: Person) -> None:
        await asyncio.sleep(load.spread * number / load.people)
        answers.append(await _ask_one(speaker, person, number, load))

    await asyncio.gather(*(one(number, person) for number, person in enumerate(people)))


async def _converse(speaker: Speaker, person: Person, number: int, load: Load, answers: list[Answer]) -> None:
    conversation_id = ""
    for _ in range(load.turns):
        answers.append(await _ask_one(speaker, person, number, load, conversation_id))
        if not answers[-1].has_ended:
            return
        conversation_id = answers[-1].conversation_id


async def _ask_one(
    speaker: Speaker, person: Person, number: int, load: Load, conversation_id: str = ""
) -> Answer:
    line = person.line
    line.forget()
    text = recital(number, load.tokens)
    answer = Answer(text, time.monotonic(), person.session, conversation_id=conversation_id)
    marker = f"[scenario: recite number={number} tokens={load.tokens} rate={load.rate}]"
    await speaker.ask(line, f"What does this picture show? {marker}", answer)
    answer.has_ended = await line.until(speaker.ends)
    answer.frames, answer.wire_bytes = line.frames, line.wire_bytes
    return answer
