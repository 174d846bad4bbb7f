"""The differences between what a page shows of a document and what it is to show."""

from dataclasses import dataclass


@dataclass(slots=True)
class Replace:
    """Block `index` (perhaps a new one at the end) now has this HTML."""

    index: int
    html: str


@dataclass(slots=True)
class Truncate:
    """There are only `count` blocks now."""

    count: int


Change = Replace | Truncate


def difference(before: list[str], after: list[str]) -> list[Change]:
    """The changes that turn the blocks `before` into the blocks `after`."""
    changes: list[Change] = [Truncate(len(after))] if len(after) < len(before) else []
    for index, html in enumerate(after):
        if index >= len(before) or html != before[index]:
            changes.append(Replace(index, html))
    return changes
