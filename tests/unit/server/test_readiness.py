"""Whether a process can serve."""

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from vision_chat.server import readiness
from vision_chat.server.probes import Probe
from vision_chat.server.readiness import Readiness


def probe(name: str, answer: str) -> Probe:
    return Probe(name, lambda: answer)


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
    report = await Readiness([probe("disk", needed)], [probe("redis", useful)]).report()

    assert report == {"status": status, "checks": {"disk": needed, "redis": useful}}


async def test_many_who_ask_at_once_are_one_question() -> None:
    count = []

    def ask() -> str:
        count.append(1)
        return "ok"

    asked = Readiness([Probe("database", ask)])
    await asyncio.gather(*(asked.report() for _ in range(20)))
    await asked.report()

    assert len(count) == 1


def test_the_disk_is_low_before_it_is_full(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free

    def said(min_free_bytes: int) -> str:
        return readiness.ask_disk(
            replace(settings.VISION_CHAT, data_dir=tmp_path, min_free_bytes=min_free_bytes)
        )

    assert [said(0), said(free * 2), said(free * 20)] == ["ok", "low", "full"]


def test_a_storage_that_has_gone_is_said(tmp_path: Path) -> None:
    config = replace(settings.VISION_CHAT, data_dir=tmp_path)
    assert readiness.ask_storage(config) == "ok"
    assert readiness.ask_storage(replace(config, data_dir=tmp_path / "gone")) == "not writable"
