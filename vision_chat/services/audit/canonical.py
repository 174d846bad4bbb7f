"""The one form of an entry that its hash is made of. No Django."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

FIRST = ""
"""What the first entry names as the hash before it."""
MAX_WORD_LENGTH = 200
"""Longest text in `details`, so that no text of a conversation gets there by a slip."""

Word: TypeAlias = str | int | None
Details: TypeAlias = Mapping[str, "Word | list[Word] | list[str] | list[int]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An entry as the chain has it, wherever it was read from."""

    sequence: int
    at: str
    action: str
    actor: int | None
    subject: int | None
    conversation: str | None
    details: Any
    previous: str


def canonical(link: Link) -> str:
    """Return the JSON of an entry: sorted keys, no blanks, ASCII."""
    return as_json(asdict(link))


def as_json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def digest(link: Link) -> str:
    """Return the hash of an entry, which covers its number and the hash before it."""
    return hashlib.sha256(canonical(link).encode("ascii")).hexdigest()


def moment(at: datetime) -> str:
    """Return a moment in UTC with microseconds, as both databases keep them."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def is_hash(text: object) -> bool:
    return isinstance(text, str) and re.fullmatch(r"[0-9a-f]{64}", text) is not None


def checked(details: Details) -> dict[str, Any]:
    """Return a copy of details that holds short words, whole numbers and lists of them. Raises ValueError."""
    for key, value in details.items():
        for word in value if isinstance(value, list) else [value]:
            if not (word is None or isinstance(word, (str, int))):
                raise ValueError(f"{key} of an audit entry has a {type(word).__name__}")
            if isinstance(word, str) and len(word) > MAX_WORD_LENGTH:
                raise ValueError(f"{key} of an audit entry is too long")
    return {key: list(value) if isinstance(value, list) else value for key, value in details.items()}
