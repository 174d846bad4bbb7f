from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support.audit_log import fill, publish


@pytest.fixture
def audit_log(settings: Any, tmp_path: Path, db: None) -> None:
    """An audit log of three entries."""
    settings.VISION_CHAT = replace(settings.VISION_CHAT, data_dir=tmp_path)
    chief = User.objects.create_superuser("chief")
    fill(chief, chief, 3)
    publish()
