from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vision_chat.errors.server import DiskFullError
from vision_chat.services.files import room


def test_the_room_is_known_before_the_first_file(settings: Any, tmp_path: Path) -> None:
    default = settings.STORAGES["default"]
    options = {**default["OPTIONS"], "location": str(tmp_path / "none" / "yet")}
    settings.STORAGES = settings.STORAGES | {"default": default | {"OPTIONS": options}}

    assert room.free_bytes() > 0


def test_below_what_is_to_stay_free_nothing_is_taken(caplog: pytest.LogCaptureFixture) -> None:
    room.require_room(1_000_000, lambda: 1_000_000)
    assert caplog.text == ""
    with pytest.raises(DiskFullError):
        room.require_room(1_000_001, lambda: 1_000_000)
    assert "A disk has 1 MB left" in caplog.text


def test_every_disk_that_the_server_writes_to_is_watched(settings: Any, tmp_path: Path) -> None:
    shared = tmp_path / "documents"
    settings.VISION_CHAT = replace(settings.VISION_CHAT, shared_documents_dir=shared)
    watched = set(room.folders())

    assert {settings.VISION_CHAT.data_dir, settings.VISION_CHAT.media_dir, shared} <= watched
