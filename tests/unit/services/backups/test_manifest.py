from dataclasses import replace
from datetime import UTC, datetime

import pytest

from vision_chat.errors.backups import DamagedBackupError
from vision_chat.services.backups.manifest import Manifest, decoded

MANIFEST = Manifest(
    format=1,
    made_at=datetime(2026, 1, 31, 3, tzinfo=UTC),
    version="0.2.0",
    database="sqlite",
    database_version="3.40.1",
    migrations=["auth.0001_initial"],
    rows={"auth_user": 2},
    files=3,
    audit_sequence=4,
)


def test_what_is_written_is_read() -> None:
    assert decoded(MANIFEST.encoded()) == MANIFEST
    assert b'"auth_user": 2' in MANIFEST.encoded(), "people read it too"


@pytest.mark.parametrize(
    "data", [b"", b"{", b'{"format": 1}', b'{"format": 1, "files": "many"}', b"[" * 99_999]
)
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(DamagedBackupError, match="manifest"):
        decoded(data)


def test_a_later_format_says_so() -> None:
    with pytest.raises(DamagedBackupError, match="later version"):
        decoded(replace(MANIFEST, format=2).encoded())
