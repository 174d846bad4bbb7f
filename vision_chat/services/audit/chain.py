"""Going along the chain: where it breaks first, and how. No Django.

Memory is constant: of what has passed only the last entry is kept, and the few that tell of archives.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from vision_chat.services.audit.canonical import FIRST, Link, digest, is_hash

NEAR = 1000
"""Numbers on either side among which the one is looked for that an entry had."""
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
    """What an entry, by its number and hash, says of an archive: its last entry, the SHA-256 of the file."""

    sequence: int
    stored: str
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
        if _digest(link) != stored:
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
            self.seals.append(seal_of(link, stored))

    def finish(self) -> None:
        """Compare the beginning with what the log says of its archives. Raises BrokenChainError."""
        if self.first is None or self.gone == 0:
            return
        seals = self._seals_of_gone()
        if not seals:
            raise self._cut("no later entry says that they were archived")
        if any(seal.up_to == self.gone and seal.hash != self.first.previous for seal in seals):
            raise BrokenChainError(
                Kind.CHANGED,
                self.gone,
                f"Entry {self.gone + 1} does not follow what was archived up to {self.gone}.",
            )

    def rely_on(self, published: Container[tuple[int, str]]) -> None:
        """Compare the entry that says what was archived with the daily files. Raises BrokenChainError.

        Whoever writes to the database can add one that says so of what they removed.
        """
        seals = self._seals_of_gone()
        if self.gone and not any((seal.sequence, seal.stored) in published for seal in seals):
            numbers = ", ".join(str(seal.sequence) for seal in seals)
            raise self._cut(f"entry {numbers}, which says that they were archived, is in no daily file")

    @property
    def gone(self) -> int:
        """The number of the last entry that was not gone along, because it was archived."""
        return 0 if self.first is None else self.first.sequence - 1

    def _seals_of_gone(self) -> list[Seal]:
        return [seal for seal in self.seals if seal.up_to >= self.gone]

    def _cut(self, reason: str) -> BrokenChainError:
        return BrokenChainError(Kind.CUT, 1, f"{_entries(1, self.gone)} gone, and {reason}.")

    def _altered(self, link: Link, stored: str) -> BrokenChainError:
        """Return why an entry does not have its hash: with another number it may."""
        for number in self._numbers(link.sequence):
            if _digest(replace(link, sequence=number)) == stored:
                return BrokenChainError(
                    Kind.REORDERED,
                    link.sequence,
                    f"Entry {number} stands in the place of entry {link.sequence}.",
                )
        return BrokenChainError(Kind.CHANGED, link.sequence, f"Entry {link.sequence} was changed.")

    def _numbers(self, around: int) -> Iterator[int]:
        """Yield the other numbers nearby that an entry could have had, the nearest first."""
        for distance in range(1, NEAR + 1):
            if around + distance <= self.highest:
                yield around + distance
            if around - distance >= 1:
                yield around - distance


def seal_of(link: Link, stored: str) -> Seal:
    """Return what an entry says of an archive. Raises BrokenChainError where it says nothing of the kind."""
    details: Any = link.details if isinstance(link.details, dict) else {}
    up_to, count, *hashes = (details.get(name) for name in ("up_to", "count", "hash", "sha256"))
    numbers = type(up_to) is int and type(count) is int and up_to < link.sequence
    if not (numbers and all(map(is_hash, hashes))):
        raise BrokenChainError(
            Kind.CHANGED, link.sequence, f"Entry {link.sequence} does not say what was archived."
        )
    return Seal(link.sequence, stored, link.at, up_to, details["hash"], count, details["sha256"])


def _digest(link: Link) -> str:
    """Return the hash of an entry; "" where it holds what no JSON does, such as a number without an end."""
    try:
        return digest(link)
    except (ValueError, RecursionError):
        return ""


def _entries(first: int, last: int) -> str:
    return f"Entry {first} is" if first == last else f"Entries {first} to {last} are"
