"""A place that has anything is no place for a backup."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from vision_chat.errors.backups import BackupError
from vision_chat.models import FileHold, Site
from vision_chat.services.backups import place
from vision_chat.services.uploads import holds

pytestmark = [pytest.mark.each_database, pytest.mark.usefixtures("transactional_db")]


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """A data folder that is this test's own, with the pictures in it."""
    settings.VISION_CHAT = replace(settings.VISION_CHAT, data_dir=tmp_path)
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "media"},
        }
    }
    return tmp_path


def test_an_empty_place_is_taken(folder: Path) -> None:
    place.require_empty()
    (folder / "media/images/ab/cd").mkdir(parents=True)
    place.require_empty()


def test_accounts_are_not_written_over() -> None:
    User.objects.create_user("ann")
    with pytest.raises(BackupError, match="has accounts"):
        place.require_empty()


def test_pictures_are_not_mixed_with_others() -> None:
    default_storage.save("images/ab/cd/original.webp", ContentFile(b"bytes"))
    with pytest.raises(BackupError, match=r"such as images/ab/cd/original\.webp"):
        place.require_empty()


def test_what_an_earlier_log_published_is_kept(folder: Path) -> None:
    (folder / "audit").mkdir()
    (folder / "audit/2026-01-31.txt").touch()
    with pytest.raises(BackupError, match="move them away, and keep them"):
        place.require_empty()


def test_the_original_is_forgotten() -> None:
    Site.objects.create(pk=1, site_id="of the original")
    holds.hold()
    place.forget_original()

    assert not Site.objects.exists()
    assert not FileHold.objects.exists()
