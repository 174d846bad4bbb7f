"""`make chaos`: people ask while everything fails around them, and nothing of theirs may be lost.

python -m tests.chaos [--minutes 20] [--people 6] [--servers 2] [--workers 1] [--seed 1] [--folder DIR]

Without `--minutes` it plays the short programme that the suite has. PostgreSQL, Redis, the endpoint and the
network between them are its own.
"""

import argparse
import asyncio
import random
import sys
from pathlib import Path

from tests.attack.finding import HEAD, Finding
from tests.bench.table import line, say
from tests.chaos import ending, programme
from tests.chaos.endpoint import reciting
from tests.chaos.findings import exactly
from tests.chaos.person import Person
from tests.chaos.rows import Rows
from tests.chaos.services import PROGRAMS, end_as_by_ctrl_c, temporary_folder
from tests.chaos.site import Disk, Site, running
from tests.chaos.stage import Stage
from tests.support.fake_endpoint import Call
from tests.support.needs import program
from tests.support.paths import ROOT

LAST_TURNS = 120


def main() -> None:
    parser = argparse.ArgumentParser(description="Everything fails, and nothing is lost.")
    parser.add_argument("--minutes", type=float, default=0, help="how long, 0 for the short programme")
    parser.add_argument("--people", type=int, default=6)
    parser.add_argument("--servers", type=int, default=2)
    parser.add_argument("--workers", type=int, default=1, help="processes of each server")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="keep data and logs there")
    parser.add_argument("--slack", type=float, default=2, help="how often a bar of seconds may be passed")
    parser.add_argument("--beside", type=Path, default=ROOT, help="checkout whose code the last server runs")
    parser.add_argument("--only", nargs="+", choices=programme.NAMED, default=[], help="these scenes alone")
    options = parser.parse_args()
    missing = [name for name in PROGRAMS if program(name) is None]
    if missing:
        sys.exit(f"Not installed: {', '.join(missing)}")
    end_as_by_ctrl_c()
    random.seed(options.seed)
    with temporary_folder() as temporary:
        folder = options.folder or temporary
        folder.mkdir(exist_ok=True)
        found = asyncio.run(play(options, folder))
    sys.exit(0 if all(finding.is_met for finding in found) else 1)


async def play(options: argparse.Namespace, folder: Path) -> list[Finding]:
    disk = Disk(folder / "postgres")
    disk.mount()
    try:
        async with reciting() as fake:
            site = Site(
                folder,
                fake.base_url,
                servers=options.servers,
                workers=options.workers,
                beside=options.beside,
            )
            async with running(site, options.people + 1, {"MAX_REPLIES_PER_PERSON": "20"}):
                return await _with_people(options, site, disk, fake.calls)
    finally:
        disk.unmount()


async def _with_people(
    options: argparse.Namespace, site: Site, disk: Disk, calls: list[Call]
) -> list[Finding]:
    persons = [
        Person(
            site.servers[number % options.servers :] + site.servers[: number % options.servers],
            session,
            number,
        )
        for number, session in enumerate(site.sessions)
    ]
    stage = Stage(site, persons[:-1], persons[-1], Rows(site.postgres.url), disk, calls, options.slack)
    is_over = asyncio.Event()
    asking = [asyncio.create_task(person.run(is_over)) for person in stage.people]
    found: list[Finding] = []
    say(line(HEAD))
    say(line("---" for _ in HEAD))
    try:
        async for finding in programme.play(stage, options.minutes, options.only):
            found += _told([finding])
        is_over.set()
        _, late = await asyncio.wait(asking, timeout=LAST_TURNS)
        found += _told([exactly("people who still wait for something", len(late), 0)])
        found += _told(await ending.findings(stage))
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        await asyncio.gather(*(person.close() for person in persons))
    return found


def _told(found: list[Finding]) -> list[Finding]:
    for finding in found:
        say(line(finding.cells()))
    return found


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
