"""The table that is printed."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    figure: str
    bar: str
    ours: str
    relay: str = "–"
    ratio: str = "–"
    is_met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        met = {True: "yes", False: "**no**", None: ""}[self.is_met]
        return (self.figure, self.bar, self.ours, self.relay, self.ratio, met)


HEAD = ("figure", "bar", "ours", "relay", "ratio", "met?")


def at_most(
    figure: str, unit: str, bar: float, ours: Iterable[float], relay: Iterable[float] = (), *, digits: int = 0
) -> Row:
    """A figure whose median must not pass the bar."""
    value, others = median(ours), list(relay)
    return Row(
        figure=figure,
        bar=f"<= {bar:g} {unit}",
        ours=f"{value:.{digits}f} {unit}",
        relay=f"{median(others):.{digits}f} {unit}" if others else "–",
        ratio=f"{value / median(others):.2f}" if others and median(others) else "–",
        is_met=value <= bar,
    )


def at_least(figure: str, bar: float | None, ours: Iterable[float]) -> Row:
    """A score whose median must reach the bar, where there is one."""
    value = median(ours)
    return Row(
        figure=figure,
        bar="–" if bar is None else f">= {bar:g}",
        ours=f"{value:g}",
        is_met=None if bar is None else value >= bar,
    )


def line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def header() -> str:
    return f"{line(HEAD)}\n{line('---' for _ in HEAD)}"


def say(text: str) -> None:
    """At once, so that whoever waits sees that something happens."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
