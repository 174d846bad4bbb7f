"""Whether a process can serve."""

import asyncio
import contextlib
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from psycopg_pool import PoolTimeout

from vision_chat.server import readiness
from vision_chat.server.health_checks import Check
from vision_chat.server.readiness import Readiness
from vision_chat.services.files import room
from vision_chat.services.files.share import mark


def check(name: str, answer: str) -> Check:
    return Check(name, lambda: answer)


@pytest.mark.parametrize(
    ("needed", "useful", "status"),
    [
        ("ok", "ok", "ready"),
        ("low", "ok", "degraded"),
        ("ok", "failing: TimeoutError", "degraded"),
        ("failing: OperationalError", "ok", "unready"),
        ("full", "no answer", "unready"),
    ],
)
async def test_only_what_is_needed_makes_it_unready(needed: str, useful: str, status: str) -> None:
    report = await Readiness([check("disk", needed)], [check("redis", useful)]).report()

    assert report == {"status": status, "checks": {"disk": needed, "redis": useful}}


async def test_many_who_ask_at_once_are_one_question() -> None:
    count = []

    def ask() -> str:
        count.append(1)
        return "ok"

    asked = Readiness([Check("database", ask)])
    await asyncio.gather(*(asked.report() for _ in range(20)))
    await asked.report()

    assert len(count) == 1


@pytest.mark.parametrize(("free", "said"), [(1000, "ok"), (999, "low"), (100, "low"), (99, "full")])
def test_the_disk_is_low_before_it_is_full(free: int, said: str) -> None:
    assert readiness.ask_disk(1000, lambda: free) == said


def test_the_disk_is_the_fullest_of_those_that_the_server_writes_to() -> None:
    assert readiness.ask_disk(0) == "ok"
    assert readiness.ask_disk(room.free_bytes() * 2) == "low"


def test_a_storage_that_has_gone_is_said(tmp_path: Path) -> None:
    config = replace(settings.VISION_CHAT, data_dir=tmp_path)
    assert readiness.ask_storage(config) == "ok"
    assert readiness.ask_storage(replace(config, data_dir=tmp_path / "gone")) == "not writable"


def test_a_shared_folder_that_is_not_mounted_is_said(tmp_path: Path) -> None:
    config = replace(settings.VISION_CHAT, data_dir=tmp_path, shared_media_dir=tmp_path / "shared")
    assert readiness.ask_storage(config) == "not there"
    (tmp_path / "shared").mkdir()
    assert readiness.ask_storage(config) == "not there", "what it would be mounted on"
    assert mark(tmp_path / "shared", known=())
    assert readiness.ask_storage(config) == "ok"


@pytest.mark.each_database
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no pool of connections")
@pytest.mark.django_db(transaction=True)
def test_a_pool_that_is_at_work_is_no_fault_of_the_database() -> None:
    with connection.cursor():
        pool = connection.pool  # type: ignore[attr-defined]  # of PostgreSQL
    sizes = pool.min_size, pool.max_size
    pool.resize(1, 1)
    taken = []
    try:
        with contextlib.suppress(PoolTimeout):
            while True:
                taken.append(pool.getconn(timeout=0.01))
        assert readiness.ask_database() == "ok"
    finally:
        for each in taken:
            pool.putconn(each)
        pool.resize(*sizes)
