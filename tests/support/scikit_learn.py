"""Agreement as scikit-learn computes it. Imported where it is used, as that takes 0.7 s."""

from collections.abc import Sequence


def kappa(first: Sequence[object], second: Sequence[object]) -> float:
    from sklearn.metrics import cohen_kappa_score  # noqa: PLC0415

    return float(cohen_kappa_score(first, second))


def table(first: Sequence[object], second: Sequence[object], labels: Sequence[object]) -> list[list[int]]:
    from sklearn.metrics import confusion_matrix  # noqa: PLC0415

    rows: list[list[int]] = confusion_matrix(first, second, labels=labels).tolist()
    return rows
