from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.support.people import signed_in, staff


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Any) -> None:
    """Pages name their style sheets; nothing was collected."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user("ann")


@pytest.fixture
def chief(db: None) -> User:
    return User.objects.create_superuser("chief")


@pytest.fixture
def chief_client(chief: User) -> Client:
    return signed_in(chief)


@pytest.fixture
def reader(db: None) -> User:
    """Staff who may read conversations, and nothing else."""
    return staff("reader", "view_conversation")
