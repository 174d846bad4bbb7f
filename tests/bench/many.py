"""Measure two processes against one, on the same PostgreSQL and Redis: what many of them cost and delay.

Both have the one core that is measured, so what is compared is their CPU; the services have the other core.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median

import msgspec
import psycopg
import uvloop

from tests.bench import delays, ground, processes
from tests.bench.checks import REQUEST_IDS
from tests.bench.crowd import Load, Outcome, ask
from tests.bench.ground import Ground
from tests.bench.line import Line
from tests.bench.processes import Served
from tests.bench.speakers import Answer, OurSpeaker
from tests.bench.table import Row, at_most
from tests.chaos.services import Postgres, Redis, both_running, temporary_folder
from tests.support.process_resources import cpu_of, cpu_of_family

LOAD = Load(people=50, tokens=200, rate=30, spread=1)
TWO_HUNDRED = Load(people=200, tokens=60, rate=15)
DONE = (b'{"type":"request.done"', b'{"type":"error"')


@dataclass(frozen=True, slots=True)
class Services:
    """The PostgreSQL and the Redis of all processes, and what prepares them."""

    postgres: Postgres
    redis: Redis
    ground: Ground

    @property
    def settings(self) -> dict[str, str]:
        return _settings(self.postgres, self.redis)

    def cpu(self) -> tuple[float, float]:
        """Seconds of CPU used so far, of PostgreSQL and of Redis."""
        return cpu_of_family(self.postgres.pid), cpu_of(self.redis.pid)


@dataclass(frozen=True, slots=True)
class HalfElsewhere(OurSpeaker):
    """Asks every second question on the other server, so that its page follows what runs there."""

    other: Served
    asked: list[Answer] = field(default_factory=list)
    mirrored: list[Answer] = field(default_factory=list)

    async def ask(self, line: Line, question: str, answer: Answer) -> None:
        self.asked.append(answer)
        if len(self.asked) % 2:
            await super(HalfElsewhere, self).ask(line, question, answer)
            return
        self.mirrored.append(answer)
        there = await Line.connect(self.other.port, self.path, self.headers(answer.session))
        await super(HalfElsewhere, self).ask(there, question, answer)
        await there.until(DONE)
        there.close()
        watch: dict[str, object] = {
            "type": "conversation.watch",
            "request_id": "2",
            "conversation_id": answer.conversation_id,
            "leaf_id": None,
            "cursors": {},
        }
        line.send(msgspec.json.encode(watch))


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of CPU for 1,000 tokens; delays of tokens in milliseconds, sorted."""

    ours: float
    postgres: float
    redis: float
    ended: int
    shown: list[float]
    mirrored: list[float]
    first_tokens: list[float]


@contextmanager
def services(people: int = ground.PEOPLE) -> Iterator[Services]:
    """Run a PostgreSQL and a Redis, with so many people who are signed in."""
    with temporary_folder() as folder, both_running(folder) as (postgres, redis):
        prepared = ground.prepare(folder / "var", _settings(postgres, redis), people)
        yield Services(postgres, redis, prepared)


def two_processes(_ground: Ground, rounds: int) -> Iterator[Row]:
    """CPU a token, with no reply watched elsewhere and with half of the pages on the other process."""
    with services() as on:
        one, apart, across = [], [], []
        for _ in range(rounds):
            one.append(_measure(on, LOAD, count=1))
            apart.append(_measure(on, LOAD, count=2))
            across.append(_measure(on, LOAD, count=2, is_across=True))
        name = f"{LOAD.people} replies, CPU per 1,000 tokens"
        for which, many, bar in (
            ("two processes, none watched elsewhere", apart, 1.15),
            ("two processes, half of the pages on the other one", across, 1.7),
        ):
            yield _ratio(f"{name}: {which}", many, one, "ours", bar)
            yield _ratio(f"{name}: PostgreSQL beside it", many, one, "postgres", None)
            yield _ratio(f"{name}: Redis beside it", many, one, "redis", None)
        p99 = [delays.percentile(each.mirrored, 0.99) for each in across]
        yield at_most("delay of a mirrored token that shows something, p99", "ms", 120, p99, digits=1)
        ended = min(each.ended for each in (*one, *apart, *across))
        yield Row(
            figure="replies that ended on their page",
            bar=f"{LOAD.people}",
            ours=f"{ended}",
            is_met=ended == LOAD.people,
        )


def two_hundred(_ground: Ground, _rounds: int) -> Iterator[Row]:
    """The first token and p99 of 200 replies, in three runs of each in turn."""
    with services() as on:
        one, two = [], []
        for _ in range(3):
            one.append(_measure(on, TWO_HUNDRED, count=1))
            two.append(_measure(on, TWO_HUNDRED, count=2))
        for name, values in (
            ("first token, of the slowest", lambda each: max(each.first_tokens) * 1000),
            ("a token that shows something, p99", lambda each: delays.percentile(each.shown, 0.99)),
        ):
            ours, others = median(map(values, two)), median(map(values, one))
            yield _row(f"200 at once, two processes: {name}", "ms", (ours, others), bar=1.25, digits=0)


def _measure(on: Services, load: Load, *, count: int, is_across: bool = False) -> Measured:
    """Put the load on so many processes, each with a share of the people."""
    with ExitStack() as stack:
        endpoint = stack.enter_context(processes.endpoint())
        served = [
            stack.enter_context(processes.ours(on.ground.data_dir, endpoint, more=on.settings))
            for _ in range(count)
        ]
        speakers = [HalfElsewhere(other) if is_across else OurSpeaker() for other in served[::-1]]
        before = on.cpu()
        outcomes = uvloop.run(_play(served, speakers, on.ground.sessions, load))
        used = [after - earlier for after, earlier in zip(on.cpu(), before, strict=True)]
        answers = [answer for outcome in outcomes for answer in outcome.answers]
        _look_up_request_ids(on.postgres.url, answers)
        sent = delays.sending_times(endpoint)
    mirrored = [answer for each in speakers if isinstance(each, HalfElsewhere) for answer in each.mirrored]
    thousands = load.people * load.tokens / 1000
    return Measured(
        ours=sum(outcome.cpu for outcome in outcomes) / thousands,
        postgres=used[0] / thousands,
        redis=used[1] / thousands,
        ended=sum(answer.has_ended for answer in answers),
        shown=delays.of_tokens(answers, sent, delays.shows_as_markdown).shown,
        mirrored=delays.of_tokens(mirrored, sent, delays.shows_as_markdown).shown,
        first_tokens=delays.to_first_token(answers),
    )


async def _play(
    served: Sequence[Served], speakers: Sequence[OurSpeaker], sessions: Sequence[str], load: Load
) -> list[Outcome]:
    share = load.people // len(served)
    of_each = Load(people=share, tokens=load.tokens, rate=load.rate, spread=load.spread)
    parts = [sessions[number * share :] for number in range(len(served))]
    return await asyncio.gather(*(ask(*each, of_each) for each in zip(served, speakers, parts, strict=True)))


def _look_up_request_ids(url: str, answers: Sequence[Answer]) -> None:
    with psycopg.connect(url) as connection:
        found = {str(pk): request_id for pk, request_id in connection.execute(REQUEST_IDS.encode())}
    for answer in answers:
        answer.request_id = found.get(answer.message_id, "")


def _settings(postgres: Postgres, redis: Redis) -> dict[str, str]:
    return {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url_at(redis.port)}


def _ratio(
    figure: str, many: Sequence[Measured], one: Sequence[Measured], name: str, bar: float | None
) -> Row:
    ours, others = (median(getattr(each, name) for each in side) for side in (many, one))
    return _row(figure, "s", (ours, others), bar=bar, digits=3)


def _row(figure: str, unit: str, values: tuple[float, float], *, bar: float | None, digits: int = 0) -> Row:
    """Return the line of a figure of two processes; that of one process stands where the relay's does."""
    ours, one = values
    ratio = ours / one if one else 0.0
    return Row(
        figure=figure,
        bar="–" if bar is None else f"<= {bar:g} x one process",
        ours=f"{ours:.{digits}f} {unit}",
        relay=f"{one:.{digits}f} {unit}",
        ratio=f"{ratio:.2f}",
        is_met=None if bar is None else ratio <= bar,
    )
