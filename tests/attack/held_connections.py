"""Connections that nobody signs in on."""

from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.attack.finding import Finding, at_most
from tests.bench import ground, processes

PAGES = 50


def quiet(data_dir: Path) -> Iterator[Finding]:
    """Measure the login page while nobody attacks: what an answer costs."""
    ground.prepare(data_dir)
    with processes.endpoint() as endpoint, processes.ours(data_dir, endpoint) as served:
        before = served.cpu()
        for _ in range(PAGES):
            httpx.get(f"{served.url}/accounts/login/", trust_env=False).raise_for_status()
        cpu = (served.cpu() - before) / PAGES * 1000
    yield at_most("no attack: CPU of the login page", cpu, 25, "ms")
