"""The first part of a backup: what is in it, and which code wrote it."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from vision_chat.errors.backups import DamagedBackupError

NAME: Final = "manifest.json"
FORMAT: Final = 1
LONGEST: Final = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What is in a backup. `rows` are numbers by table, `migrations` names such as `auth.0001_initial`."""

    format: int
    made_at: datetime
    version: str
    database: str
    database_version: str
    migrations: list[str]
    rows: dict[str, int]
    files: int
    audit_sequence: int

    def encoded(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(asdict(self)), indent=1) + b"\n"


def decoded(data: bytes) -> Manifest:
    """Read a manifest. Raises DamagedBackupError, also for that of a format which a later version wrote."""
    try:
        found: Any = msgspec.json.decode(data)
        if isinstance(found, dict) and found.get("format") != FORMAT:
            raise DamagedBackupError(problem="a later version of the program wrote it. Use that version.")
        return msgspec.convert(found, Manifest)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise DamagedBackupError(problem=f"its manifest cannot be read ({error}).") from error
