"""Counters, gauges and histograms, which cost one comparison where nothing is recorded."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final, Literal, Protocol

Kind = Literal["counter", "gauge", "histogram"]
Merge = Literal["livesum", "livemax", "livemin"]
"""How the values of a gauge of several processes become one; a process that has died counts no more."""

OTHER: Final = "other"
MAX_SERIES: Final = 200
"""Most combinations of labels of one instrument in a process; what comes after them is counted as OTHER."""


class Series(Protocol):
    """The values of one combination of labels, as prometheus_client has them."""

    def inc(self, amount: float) -> None: ...
    def set(self, value: float) -> None: ...
    def observe(self, amount: float) -> None: ...


class Instrument:
    """Something that is measured. `labels` are the names of its labels, whose values are given in this order.

    `metric` is the metric of prometheus_client, None where nothing is recorded.
    """

    kind: ClassVar[Kind]

    def __init__(self, name: str, about: str, labels: Sequence[str] = ()) -> None:
        self.name = name
        self.about = about
        self.labels = tuple(labels)
        self.metric: Any = None
        self._series: dict[tuple[str, ...], Series] = {}

    def _of(self, values: tuple[str, ...]) -> Series:
        series = self._series.get(values)
        return self._new_series(values) if series is None else series

    def _new_series(self, values: tuple[str, ...]) -> Series:
        assert len(values) == len(self.labels), f"{self.name} has the labels {self.labels}"
        if len(self._series) >= MAX_SERIES:
            values = (OTHER,) * len(values)
            if values in self._series:
                return self._series[values]
        series: Series = self.metric.labels(*values) if values else self.metric
        self._series[values] = series
        return series


class Counter(Instrument):
    """A sum that only grows."""

    kind = "counter"

    def add(self, amount: float, *labels: str) -> None:
        if self.metric is not None:
            self._of(labels).inc(amount)


class Gauge(Instrument):
    """A value that goes up and down, sampled in each process."""

    kind = "gauge"

    def __init__(
        self, name: str, about: str, labels: Sequence[str] = (), *, merge: Merge = "livesum"
    ) -> None:
        super().__init__(name, about, labels)
        self.merge = merge

    def set(self, value: float, *labels: str) -> None:
        if self.metric is not None:
            self._of(labels).set(value)


class Histogram(Instrument):
    """A distribution of times in seconds. `bounds` are the upper bounds of its buckets."""

    kind = "histogram"

    def __init__(self, name: str, about: str, labels: Sequence[str] = (), *, bounds: Sequence[float]) -> None:
        super().__init__(name, about, labels)
        self.bounds = tuple(bounds)

    def observe(self, seconds: float, *labels: str) -> None:
        if self.metric is not None:
            self._of(labels).observe(seconds)
