"""What happens to the blocks of a document that is being written. (One for each token: see events.Event.)"""

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


@dataclass(slots=True)
class Append:
    """Plain text, not HTML, to be added at the open end of the last block."""

    text: str


Change = Replace | Truncate | Append


def difference(before: list[str], after: list[str], *, first: int) -> list[Change]:
    """The changes that make `after` of `before`, both lists of blocks from number `first` on."""
    changes: list[Change] = [Truncate(first + len(after))] if len(after) < len(before) else []
    for index, html in enumerate(after):
        if index >= len(before) or html != before[index]:
            changes.append(Replace(first + index, html))
    return changes
