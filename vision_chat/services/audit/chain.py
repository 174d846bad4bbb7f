"""Going along the chain: where it breaks first, and how. No Django.

Memory is constant: of what has passed only the last entry is kept, and the few that tell of archives.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from vision_chat.services.audit.canonical import FIRST, Link, digest

SEALED = "sealed"
"""The action of an entry that tells of an archive."""


class Kind(StrEnum):
    """The kinds of breaks."""

    CHANGED = "changed"
    MISSING = "missing"
    REORDERED = "reordered"
    CUT = "cut"


class BrokenChainError(Exception):
    """The chain does not hold together. `sequence` is the first entry that is not as it was written."""

    def __init__(self, kind: Kind, sequence: int, words: str) -> None:
        self.kind = kind
        self.sequence = sequence
        super().__init__(words)


@dataclass(frozen=True, slots=True)
class Seal:
    """What the log says of an archive: its last entry, and the SHA-256 of the file."""

    at: str
    up_to: int
    hash: str
    count: int
    sha256: str


class Walk:
    """Takes the entries of a log in their order. `highest` is the number of the last that there should be."""

    def __init__(self, highest: int) -> None:
        self.highest = highest
        self.count = 0
        self.first: Link | None = None
        self.last_sequence = 0
        self.last_hash = FIRST
        self.seals: list[Seal] = []

    def take(self, link: Link, stored: str) -> None:
        """Go on to the next entry. Raises BrokenChainError."""
        expected = self.last_sequence + 1
        if self.first is not None and link.sequence > expected:
            raise BrokenChainError(
                Kind.MISSING, expected, f"{_entries(expected, link.sequence - 1)} missing."
            )
        if digest(link) != stored:
            raise self._altered(link, stored)
        if link.previous != self.last_hash and (self.first is not None or link.sequence == 1):
            raise BrokenChainError(
                Kind.CHANGED,
                max(self.last_sequence, 1),
                f"Entry {link.sequence} follows another one than stands before it now.",
            )
        self.first = self.first or link
        self.last_sequence, self.last_hash = link.sequence, stored
        self.count += 1
        if link.action == SEALED:
            self.seals.append(seal_of(link))

    def finish(self) -> None:
        """Compare the beginning with what the log says of its archives. Raises BrokenChainError."""
        if self.first is None or self.first.sequence == 1:
            return
        gone = self.first.sequence - 1
        seal = next((seal for seal in self.seals if seal.up_to >= gone), None)
        if seal is None:
            raise BrokenChainError(
                Kind.CUT, 1, f"{_entries(1, gone)} gone, and no later entry says that they were archived."
            )
        if seal.up_to == gone and seal.hash != self.first.previous:
            raise BrokenChainError(
                Kind.CHANGED, gone, f"Entry {gone + 1} does not follow what was archived up to {gone}."
            )

    def _altered(self, link: Link, stored: str) -> BrokenChainError:
        """Return why an entry does not have its hash: with another number it may."""
        for number in self._numbers(link.sequence):
            if digest(replace(link, sequence=number)) == stored:
                return BrokenChainError(
                    Kind.REORDERED,
                    link.sequence,
                    f"Entry {number} stands in the place of entry {link.sequence}.",
                )
        return BrokenChainError(Kind.CHANGED, link.sequence, f"Entry {link.sequence} was changed.")

    def _numbers(self, around: int) -> Iterator[int]:
        """Yield every other number that an entry could have had, the nearest first."""
        for distance in range(1, max(around, self.highest - around) + 1):
            if around + distance <= self.highest:
                yield around + distance
            if around - distance >= 1:
                yield around - distance


def seal_of(link: Link) -> Seal:
    details: Any = link.details
    return Seal(link.at, details["up_to"], details["hash"], details["count"], details["sha256"])


def _entries(first: int, last: int) -> str:
    return f"Entry {first} is" if first == last else f"Entries {first} to {last} are"
