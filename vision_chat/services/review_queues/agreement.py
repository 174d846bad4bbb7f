"""Agreement of two reviewers on categories: how often, and how much more often than by chance.

All functions take pairs: what the one and the other said of the same item.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

FEW: Final = 30
"""Number of pairs below which figures say little."""
Z_95: Final = 1.959963984540054
"""Quantile of the normal distribution for an interval that holds in 95 of 100 cases."""
NO_VARIANCE: Final = 1e-12
"""A variance below this is nothing but what rounding leaves."""
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Kappa:
    """Cohen's kappa, and its interval of 95 %, None where pairs say nothing about how far it may be off."""

    value: float
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """All figures of two reviewers. `table` counts pairs, by the place of a category in `categories`."""

    count: int
    raw: float | None
    kappa: Kappa | None
    ac1: float | None
    categories: tuple[str, ...]
    table: tuple[tuple[int, ...], ...]

    @property
    def is_few(self) -> bool:
        """Tell whether there are too few pairs for the figures to say much."""
        return self.count < FEW


def agreement(pairs: Pairs, categories: Collection[str] = ()) -> Agreement:
    """Return all figures of these pairs. `categories` are those that could be chosen, in their order."""
    known = categories_of(pairs, categories)
    return Agreement(
        count=len(pairs),
        raw=raw(pairs),
        kappa=kappa(pairs),
        ac1=ac1(pairs, categories),
        categories=known,
        table=confusion(pairs, known),
    )


def raw(pairs: Pairs) -> float | None:
    """Return the share of pairs that are equal; None where there is no pair."""
    return sum(one == other for one, other in pairs) / len(pairs) if pairs else None


def kappa(pairs: Pairs) -> Kappa | None:
    """Return Cohen's kappa; None where it is not defined, as where both always say the same one thing.

    kappa = (p_o - p_e) / (1 - p_e), where p_o is the share of equal pairs and p_e = sum_i p_i. p_.i that of
    chance. The variance is that of Fleiss, Cohen and Everitt (1969), for large samples:

        (sum_i p_ii [(1 - p_e) - (p_.i + p_i.)(1 - p_o)]^2
         + (1 - p_o)^2 sum_{i != j} p_ij (p_.i + p_j.)^2
         - (p_o p_e - 2 p_e + p_o)^2) / (n (1 - p_e)^4)

    It is 0 where all pairs are equal, or one says the same throughout, and may be where none is equal. An
    interval of no width would claim certainty that a few pairs do not give, so there is none.
    """
    n = len(pairs)
    rows, columns = _shares(one for one, _ in pairs), _shares(other for _, other in pairs)
    by_chance = sum(share * columns.get(name, 0.0) for name, share in rows.items())
    if n == 0 or by_chance > 1 - 1e-12:
        return None
    observed = raw(pairs) or 0.0
    value = (observed - by_chance) / (1 - by_chance)
    equal = different = 0.0
    for (one, other), count in Counter(pairs).items():
        # the column of the one and the row of the other
        margins = columns.get(one, 0.0) + rows.get(other, 0.0)
        if one == other:
            equal += count / n * ((1 - by_chance) - margins * (1 - observed)) ** 2
        else:
            different += count / n * margins**2
    whole = (observed * by_chance - 2 * by_chance + observed) ** 2
    variance = (equal + (1 - observed) ** 2 * different - whole) / (n * (1 - by_chance) ** 4)
    if variance < NO_VARIANCE:
        return Kappa(value, None)
    half = Z_95 * sqrt(variance)
    return Kappa(value, (max(-1.0, value - half), min(1.0, value + half)))


def ac1(pairs: Pairs, categories: Collection[str] = ()) -> float | None:
    """Return Gwet's AC1 (2008), which is not upset by categories that are rare; None without a pair.

    Chance is 1 / (q - 1) sum_k m_k (1 - m_k), where m_k is the mean of both reviewers' shares of category k,
    and q the number of categories that could be chosen.
    """
    if not pairs:
        return None
    known = categories_of(pairs, categories)
    observed = raw(pairs) or 0.0
    if len(known) == 1:
        return 1.0
    shares = _shares(name for pair in pairs for name in pair)
    by_chance = sum(share * (1 - share) for share in shares.values()) / (len(known) - 1)
    return (observed - by_chance) / (1 - by_chance)


def confusion(pairs: Pairs, categories: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    """Return how often the one said what a row is for, where the other said what a column is for."""
    counts = Counter(pairs)
    return tuple(tuple(counts[one, other] for other in categories) for one in categories)


def categories_of(pairs: Pairs, categories: Collection[str] = ()) -> tuple[str, ...]:
    """Return the categories that could be chosen, and after them those that were chosen all the same."""
    chosen = sorted({name for pair in pairs for name in pair} - set(categories))
    return (*dict.fromkeys(categories), *chosen)


def _shares(names: Iterable[str]) -> dict[str, float]:
    counts = Counter(names)
    total = counts.total()
    return {name: count / total for name, count in counts.items()}
