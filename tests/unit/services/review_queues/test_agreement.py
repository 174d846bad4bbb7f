"""Figures of agreement, against scikit-learn and against published examples."""

import math
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import scikit_learn
from vision_chat.services.review_queues.agreement import ac1, agreement, kappa

CATEGORIES = ["good", "flawed", "harmful"]
pairs_of_some = st.lists(st.tuples(st.sampled_from(CATEGORIES), st.sampled_from(CATEGORIES)), max_size=80)


def pairs_of(table: list[list[int]]) -> list[tuple[str, str]]:
    return [
        (str(row), str(column))
        for row, counts in enumerate(table)
        for column, count in enumerate(counts)
        for _ in range(count)
    ]


@given(pairs_of_some)
def test_kappa_and_table_are_those_of_another_library(pairs: list[tuple[str, str]]) -> None:
    found = agreement(pairs, CATEGORIES)
    assert (found.count, found.is_few) == (len(pairs), len(pairs) < 30)
    if not pairs:
        assert (found.raw, found.kappa, found.ac1) == (None, None, None)
        return
    first, second = zip(*pairs, strict=True)
    assert [list(row) for row in found.table] == scikit_learn.table(first, second, CATEGORIES)
    expected: Any = math.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where kappa is not defined
        expected = scikit_learn.kappa(first, second)
    if found.kappa is None:
        assert math.isnan(expected) or len(set(first + second)) == 1
        return
    assert found.kappa.value == pytest.approx(expected, abs=1e-9)
    if found.kappa.interval is None:
        assert found.raw in {0, 1} or len(set(first)) == 1 or len(set(second)) == 1
        return
    low, high = found.kappa.interval
    assert -1 <= low <= found.kappa.value <= high <= 1
    assert low < high


def test_the_interval_is_that_of_the_published_example() -> None:
    """Of Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions: kappa 0.68, s.e. 0.087."""
    found = kappa(pairs_of([[75, 1, 4], [5, 4, 1], [0, 0, 10]]))
    assert found is not None
    assert found.value == pytest.approx(0.676, abs=5e-4)
    assert found.interval is not None
    low, high = found.interval
    assert (high - low) / 2 / 1.96 == pytest.approx(0.0877, abs=5e-4)


def test_a_few_pairs_alike_are_no_certainty() -> None:
    """Neither where one reviewer says the same throughout, nor where both always agree."""
    one_sided = kappa([("good", "good"), ("good", "harmful"), ("good", "flawed")])
    assert one_sided is not None
    assert (one_sided.value, one_sided.interval) == (0.0, None)
    all_alike = kappa([("good", "good"), ("harmful", "harmful")])
    assert all_alike is not None
    assert (all_alike.value, all_alike.interval) == (1.0, None)


def test_ac1_stays_where_kappa_is_upset_by_what_is_rare() -> None:
    """Of Gwet (2008): 118 and 2 of 125 agree; kappa is near nothing, AC1 near what one sees."""
    pairs = pairs_of([[118, 5], [2, 0]])
    found = kappa(pairs)
    assert found is not None
    assert found.value == pytest.approx(-0.0234, abs=5e-4)
    assert ac1(pairs) == pytest.approx(0.9408, abs=5e-4)
    assert ac1([("good", "good")] * 40) == 1.0
    assert ac1([("good", "good")] * 40, CATEGORIES) == 1.0
    assert kappa([("good", "good")] * 40) is None
