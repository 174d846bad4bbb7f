"""Instruments, with a metric that takes note of what it gets."""

from typing import Any

import pytest

from tests.support.metrics import NotingMetric
from vision_chat.services.metrics.instruments import MAX_SERIES, OTHER, Counter, Gauge, Histogram


@pytest.mark.parametrize(
    ("instrument", "call", "value"),
    [
        (Counter("c_total", "C.", ["a"]), "add", 3),
        (Gauge("g", "G.", ["a"]), "set", 2),
        (Histogram("h_seconds", "H.", ["a"], bounds=[1]), "observe", 3),
    ],
)
def test_values_reach_the_series_of_their_labels_once_there_is_a_metric(
    instrument: Any, call: str, value: float
) -> None:
    getattr(instrument, call)(5, "x")
    instrument.metric = NotingMetric()
    getattr(instrument, call)(1, "x")
    getattr(instrument, call)(2, "x")
    getattr(instrument, call)(4, "y")

    assert instrument.metric.values == {("x",): value, ("y",): 4}


def test_without_labels_the_metric_is_the_series() -> None:
    counter = Counter("c_total", "C.")
    counter.metric = NotingMetric()
    counter.add(2)

    assert counter.metric.values == {(): 2}


def test_beyond_the_limit_labels_become_other() -> None:
    counter = Counter("c_total", "C.", ["a", "b"])
    metric = counter.metric = NotingMetric()
    for number in range(MAX_SERIES + 3):
        counter.add(1, str(number), "b")
    counter.add(1, "0", "b")

    assert len(metric.values) == MAX_SERIES + 1
    assert metric.values[(OTHER, OTHER)] == 3
    assert metric.values[("0", "b")] == 2


def test_a_flood_of_labels_keeps_no_more_of_them() -> None:
    counter = Counter("c_total", "C.", ["a"])
    counter.metric = NotingMetric()
    for number in range(3 * MAX_SERIES):
        counter.add(1, str(number))

    assert len(counter._series) == MAX_SERIES + 1
