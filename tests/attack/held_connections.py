"""Connections that nobody signs in on."""

from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.attack import attackers
from tests.attack.finding import Finding, at_most
from tests.attack.witness import felt
from tests.bench import ground, processes

PAGES = 50
HELD = (
    attackers.half_lines,
    attackers.silent_bodies,
    attackers.idle,
    attackers.endless_headers,
    attackers.unread_answers,
    attackers.unread_pings,
    attackers.sockets_of_nobody,
)


def quiet(data_dir: Path) -> Iterator[Finding]:
    """Measure the login page while nobody attacks: what an answer costs."""
    ground.prepare(data_dir)
    with processes.endpoint() as endpoint, processes.ours(data_dir, endpoint) as served:
        before = served.cpu()
        for _ in range(PAGES):
            httpx.get(f"{served.url}/accounts/login/", trust_env=False).raise_for_status()
        cpu = (served.cpu() - before) / PAGES * 1000
    yield at_most("no attack: CPU of the login page", cpu, 25, "ms")


def held(data_dir: Path) -> Iterator[Finding]:
    """Hold connections in every known way; measure what somebody else feels, and the memory."""
    prepared = ground.prepare(data_dir)
    for attack in HELD:
        with processes.endpoint() as endpoint, processes.ours(data_dir, endpoint) as served:
            while_held = felt(served, prepared.sessions[0], prepared.sessions[1], attack)
        name = attack.__name__.replace("_", " ")
        yield at_most(f"{name}: another's page", while_held.page, 1, "s")
        yield at_most(f"{name}: another's submit", while_held.submit, 0.5, "s")
        yield at_most(f"{name}: memory", while_held.memory, 50, "MB", digits=0)
