"""Many replies at once: CPU, bytes and delay a token, the first token, and that nothing is lost."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import uvloop

from tests.bench import checks, delays, processes
from tests.bench.crowd import Load, Outcome, ask
from tests.bench.delays import Delays
from tests.bench.ground import Ground
from tests.bench.processes import Served
from tests.bench.speakers import OurSpeaker, RelaySpeaker
from tests.bench.table import Row, at_most

HUNDRED = Load(people=100, tokens=300, rate=30, spread=1)
AT_ONCE = Load(people=100, tokens=30, rate=30)
TWO_HUNDRED = Load(people=200, tokens=300, rate=30)
SHORT = Load(people=20, tokens=3, turns=10)

MAX_CPU = 2.5
"""CPU per token in terms of the relay's."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One load on one server."""

    cpu: float
    whole: int
    wire_bytes: int
    delays: Delays
    first_tokens: list[float]


def measure_ours(load: Load, ground: Ground) -> Measured:
    async def play(served: Served) -> tuple[Outcome, int]:
        outcome = await ask(served, OurSpeaker(), ground.sessions, load)
        checks.look_up_request_ids(ground.data_dir, outcome.answers)
        return outcome, await checks.count_whole(served, outcome.answers)

    with processes.endpoint() as endpoint, processes.ours(ground.data_dir, endpoint) as served:
        outcome, whole = uvloop.run(play(served))
        return _measured(outcome, whole, endpoint, delays.shows_as_markdown)


def measure_relay(load: Load) -> Measured:
    async def play(served: Served) -> Outcome:
        return await ask(served, RelaySpeaker(), [""] * load.people, load)

    with processes.endpoint() as endpoint, processes.relay(endpoint) as served:
        outcome = uvloop.run(play(served))
        return _measured(outcome, checks.count_relayed(outcome.answers), endpoint, delays.shows_as_text)


def _measured(
    outcome: Outcome, whole: int, endpoint: str, shows: Callable[[str], Iterable[bool]]
) -> Measured:
    answers = outcome.answers
    return Measured(
        cpu=outcome.cpu,
        whole=whole,
        wire_bytes=sum(answer.wire_bytes for answer in answers),
        delays=delays.of_tokens(answers, delays.sending_times(endpoint), shows),
        first_tokens=delays.to_first_token(answers),
    )


@dataclass(frozen=True, slots=True)
class Rounds:
    """The same load on both, in turn."""

    ours: list[Measured]
    relay: list[Measured]

    @classmethod
    def of(cls, load: Load, count: int, ground: Ground) -> "Rounds":
        rounds = cls([], [])
        for _ in range(count):
            rounds.ours.append(measure_ours(load, ground))
            rounds.relay.append(measure_relay(load))
        return rounds

    def each(self, value: Callable[[Measured], float]) -> tuple[list[float], list[float]]:
        return [value(measured) for measured in self.ours], [value(measured) for measured in self.relay]

    def whole(self, figure: str, count: int) -> Row:
        """The worst round counts."""
        ours, relay = (min(measured.whole for measured in side) for side in (self.ours, self.relay))
        return Row(figure=figure, bar=f"{count}", ours=f"{ours}", relay=f"{relay}", is_met=ours == count)


def hundred(ground: Ground, rounds: int) -> Iterator[Row]:
    """100 replies, submits spread over one second."""
    measured = Rounds.of(HUNDRED, rounds, ground)
    tokens = HUNDRED.people * HUNDRED.tokens
    name = "100 replies"
    yield measured.whole(f"{name}: complete, and identical to a page opened afresh", HUNDRED.people)
    ours, relay = measured.each(lambda one: one.cpu * 1000 / tokens)
    row = at_most(f"{name}: CPU per 1,000 tokens", "s", 0, ours, relay, digits=3)
    yield _within_ratio(row, MAX_CPU)
    ours, relay = measured.each(lambda one: one.wire_bytes / tokens)
    yield at_most(f"{name}: bytes a token", "B", 150, ours, relay)
    yield from _delays(name, measured, p99=60)


def _delays(name: str, measured: "Rounds", *, p99: float) -> Iterator[Row]:
    """Delays of tokens in milliseconds; wall times, which count only while the relay's own are short."""

    def row(which: str, share: float, bar: float, value: Callable[[Delays], list[float]]) -> Row:
        ours, relay = measured.each(lambda one: delays.percentile(value(one.delays), share))
        return at_most(f"{name}: delay of {which}", "ms", bar, ours, relay, digits=1)

    held = max(one.delays.held for one in measured.ours)
    yield row("a token that shows something, median", 0.5, 15, lambda delay: delay.shown)
    yield row("a token that shows something, p99", 0.99, p99, lambda delay: delay.shown)
    which = f"any token, p99 ({held:.0%} are marks that wait for the next one)"
    yield _only_said(row(which, 0.99, p99, lambda delay: delay.every))


def first_token(ground: Ground, rounds: int) -> Iterator[Row]:
    """100 questions at the same moment: when the last of them sees its first token."""
    measured = Rounds.of(AT_ONCE, rounds + 1, ground)
    ours, relay = measured.each(lambda one: max(one.first_tokens))
    yield at_most("100 at once: first token, of the slowest", "s", 0.4, ours, relay, digits=3)


def two_hundred(ground: Ground, _rounds: int) -> Iterator[Row]:
    measured = Rounds.of(TWO_HUNDRED, 1, ground)
    yield measured.whole("200 at once: complete and identical", TWO_HUNDRED.people)
    yield from _delays("200 at once", measured, p99=90)


def short(ground: Ground, rounds: int) -> Iterator[Row]:
    """Ten short messages in each of twenty conversations, one at a time."""
    measured = Rounds.of(SHORT, rounds, ground)
    messages = SHORT.people * SHORT.turns
    ours, relay = measured.each(lambda one: one.cpu * 1000 / messages)
    yield at_most("short message: CPU from submit to settled", "ms", 12, ours, relay, digits=1)


def _within_ratio(row: Row, bar: float) -> Row:
    return Row(
        figure=row.figure,
        bar=f"<= {bar:g} x relay",
        ours=row.ours,
        relay=row.relay,
        ratio=row.ratio,
        is_met=float(row.ratio) <= bar,
    )


def _only_said(row: Row) -> Row:
    return Row(figure=row.figure, bar="–", ours=row.ours, relay=row.relay, ratio=row.ratio)
