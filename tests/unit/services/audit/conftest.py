from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """The folder of daily files, of this test alone."""
    settings.VISION_CHAT = replace(settings.VISION_CHAT, data_dir=tmp_path)
    return tmp_path / "audit"


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user("ann")


@pytest.fixture
def chief(db: None) -> User:
    return User.objects.create_superuser("chief")
