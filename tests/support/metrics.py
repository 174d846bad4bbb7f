"""Metrics that take note of what they get, in place of those of prometheus_client."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from vision_chat.services.metrics.instruments import Instrument

Values = dict[tuple[str, ...], float]


class NotingMetric:
    """Stands for a metric: sums what is added and observed, and keeps what was set last, by labels."""

    def __init__(self, values: Values | None = None, of: tuple[str, ...] = ()) -> None:
        self.values: Values = {} if values is None else values
        self._of = of

    def labels(self, *labels: str) -> "NotingMetric":
        return NotingMetric(self.values, labels)

    def inc(self, amount: float) -> None:
        self.values[self._of] = self.values.get(self._of, 0) + amount

    observe = inc

    def set(self, value: float) -> None:
        self.values[self._of] = value


class Noted:
    """What some instruments were given."""

    def __init__(self, metrics: dict[str, NotingMetric]) -> None:
        self._metrics = metrics

    def of(self, instrument: Instrument) -> Values:
        return self._metrics[instrument.name].values


@contextmanager
def noted(*instruments: Any) -> Iterator[Noted]:
    """Let these instruments record within the context."""
    metrics = {each.name: NotingMetric() for each in instruments}
    for each in instruments:
        each.metric = metrics[each.name]
    try:
        yield Noted(metrics)
    finally:
        for each in instruments:
            each.metric = None
            each._series.clear()
