"""Archived entries in a file: JSON Lines, each an entry in the form of its hash, with the hash."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import IO

from vision_chat.services.audit.canonical import Link, as_json
from vision_chat.services.audit.chain import BrokenChainError, Kind

FIELDS = {field.name for field in fields(Link)} | {"hash"}


def written(file: IO[bytes], links: Iterable[tuple[Link, str]]) -> str:
    """Write entries to a file. Returns the SHA-256 of what was written."""
    sha256 = hashlib.sha256()
    for link, stored in links:
        line = as_json(asdict(link) | {"hash": stored}).encode("ascii") + b"\n"
        sha256.update(line)
        file.write(line)
    return sha256.hexdigest()


class ArchiveFile:
    """A file of archived entries; `sha256` is known once all were read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sha256 = ""

    def links(self) -> Iterator[tuple[Link, str]]:
        """Yield entries with their hashes. Raises BrokenChainError for a line that is none, and OSError."""
        sha256 = hashlib.sha256()
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                sha256.update(line)
                yield self._entry(number, line)
        self.sha256 = sha256.hexdigest()

    def _entry(self, number: int, line: bytes) -> tuple[Link, str]:
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, dict) or values.keys() != FIELDS or not isinstance(values["sequence"], int):
            raise BrokenChainError(Kind.CHANGED, number, f"Line {number} of {self.path} is not an entry.")
        stored = values.pop("hash")
        return Link(**values), stored
