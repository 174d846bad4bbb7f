"""What is done before a server runs. What it refuses is in tests/journeys/test_serve_refusals.py."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import CommandError
from django.db import connection
from django.db.backends.base.base import NO_DB_ALIAS

from tests.support import factories
from vision_chat.management import preparing


@pytest.mark.each_database
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no lock of this kind")
@pytest.mark.django_db(transaction=True)
def test_a_server_says_that_it_waits_for_the_one_that_prepares_the_database() -> None:
    said: list[str] = []
    waits, has_prepared = threading.Event(), threading.Event()

    def say(line: str) -> None:
        said.append(line)
        waits.set()

    def prepare() -> None:
        preparing.prepare_database(settings.VISION_CHAT, say)
        connection.close()
        has_prepared.set()

    other = connection.copy(alias=NO_DB_ALIAS)
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [preparing.PREPARATION_LOCK])
    second = threading.Thread(target=prepare)
    second.start()
    assert waits.wait(20)
    assert not has_prepared.is_set()
    other.close()
    second.join(20)

    assert has_prepared.is_set()
    assert said == ["Another server prepares the database. Waiting for it."]


@pytest.mark.django_db
def test_a_shared_folder_is_marked_where_it_is_that_of_the_site(tmp_path: Path, ann: User) -> None:
    image = factories.image(ann)
    shared = replace(settings.VISION_CHAT, shared_media_dir=tmp_path)
    with pytest.raises(CommandError, match="none of the newest pictures"):
        preparing.check_files(shared)
    assert list(tmp_path.iterdir()) == []

    copy = tmp_path / str(image.original.name)
    copy.parent.mkdir(parents=True)
    copy.touch()
    preparing.check_files(shared)
    copy.unlink()
    preparing.check_files(shared)  # all of them may be deleted one day
