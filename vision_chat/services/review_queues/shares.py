"""Decisions by hash: the same whenever they are made again, and part of any larger share."""

import hashlib
from decimal import Decimal


def is_within(percent: Decimal | int, *key: object) -> bool:
    """Tell whether what has this key belongs to so many of a hundred."""
    digest = hashlib.sha256(" ".join(map(str, key)).encode()).digest()
    return int.from_bytes(digest[:8]) * 100 < Decimal(percent) * 2**64


def reviewers_wanted(reviewers: int, shared_percent: int, *key: object) -> int:
    """Return the number of reviewers of an item: one for those outside the share."""
    return reviewers if is_within(shared_percent, "reviewers", *key) else 1
