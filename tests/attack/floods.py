"""An endpoint that sends much and says nothing: what everybody else feels of it."""

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path

import uvloop

from tests.attack.finding import Finding, joined
from tests.attack.hostile_answers import BOMBS, CATALOGUES, FLOODS
from tests.attack.hostility import Hostility, hostile
from tests.attack.pulse import feel
from tests.bench import ground

SECONDS = 5
"""How long an attack may last: the product is to end it."""
AFTERWARDS = 1.0
"""Seconds in which what was sent is still worked on."""


def floods(data_dir: Path) -> Iterator[Finding]:
    """Measure floods in which nothing is packed."""
    yield from _each(("an-honest-answer", *FLOODS), data_dir)


def bombs(data_dir: Path) -> Iterator[Finding]:
    """Measure bodies of a gigabyte that are packed to some megabytes or less."""
    yield from _each(BOMBS, data_dir)


def catalogues(data_dir: Path) -> Iterator[Finding]:
    """Measure both where the endpoint is asked which models it has."""
    yield from _each(CATALOGUES, data_dir)


def _each(names: Iterable[str], data_dir: Path) -> Iterator[Finding]:
    asker, other, *_ = ground.prepare(data_dir).sessions
    for name in names:
        yield _meanwhile(name, data_dir, asker, other)


def _meanwhile(name: str, data_dir: Path, asker: str, other: str) -> Finding:
    attack = _catalogue if name in CATALOGUES else _reply
    with hostile(name, data_dir) as hostility:
        pulse = uvloop.run(feel(hostility.served, other, lambda: attack(hostility, asker), SECONDS))
    return joined(f"the endpoint sends {name}", *pulse.figures(), pulse.end(SECONDS))


async def _reply(hostility: Hostility, asker: str) -> bool:
    answer = await hostility.ask(asker)
    return answer.has_ended


async def _catalogue(hostility: Hostility, _asker: str) -> bool:
    """The product has begun to ask when it started; it gets its answer now."""
    await hostility.begin()
    await hostility.until_closed()
    await asyncio.sleep(AFTERWARDS)
    return True
