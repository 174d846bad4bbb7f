"""Measure what is long against what is short: conversations, their list, trees of messages, pictures."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import uvloop

from tests.bench import processes
from tests.bench.crowd import Load, ask
from tests.bench.ground import Ground
from tests.bench.lengths import SIBLINGS
from tests.bench.line import Line
from tests.bench.processes import Served
from tests.bench.speakers import Answer, OurSpeaker
from tests.bench.table import Row
from tests.support import paths

TIMES = 20
MAX_PAGE, MAX_SIDEBAR = 1.5, 1.2
TURNS = Load(people=1, tokens=3, turns=20)


@dataclass(frozen=True, slots=True)
class Page:
    """Cost of a page: CPU of the server in milliseconds, and kilobytes as they are transferred."""

    cpu: float
    size: float


@dataclass(frozen=True, slots=True)
class OneConversation(OurSpeaker):
    """Asks everything in one conversation."""

    conversation_id: str

    async def ask(self, line: Line, question: str, answer: Answer) -> None:
        answer.conversation_id = self.conversation_id
        await super(OneConversation, self).ask(line, question, answer)


def lengths(ground: Ground, _rounds: int) -> Iterator[Row]:
    data_dir = ground.data_dir / "lengths"
    data_dir.mkdir(exist_ok=True)
    filling = subprocess.run(
        [sys.executable, "-m", "tests.bench.lengths"],
        cwd=paths.ROOT,
        env=processes.environment(data_dir),
        stdout=subprocess.PIPE,
        check=True,
    )
    made: dict[str, tuple[str, str]] = json.loads(filling.stdout)
    with processes.endpoint() as endpoint, processes.ours(data_dir, endpoint) as served:
        pages = {kind: _page(served, *whose) for kind, whose in made.items()}
        yield from _compared(
            "page of 2,000 messages, beside one of 50", pages["of 2,000"], pages["of 50"], MAX_PAGE
        )
        yield from _compared("sidebar of 20,000, beside one of 60", pages["20,000"], pages["60"], MAX_SIDEBAR)
        yield from _compared("page of 500 deep, beside one of 50", pages["of 500"], pages["of 50"], MAX_PAGE)
        name = f"page of {SIBLINGS:,} siblings, beside one of 50 messages"
        yield from _compared(name, pages["of siblings"], pages["of 50"], MAX_PAGE)
        name = "my pictures, 20,000, beside 60"
        yield from _compared(name, pages["of 20,000 pictures"], pages["of 60 pictures"], MAX_PAGE)
        of_50 = _turn(served, *made["of 50"])
        for kind in ("of 500", "of siblings", "of 2,000"):
            turn = _turn(served, *made[kind])
            yield _row(f"turn in a conversation {kind}: CPU, beside one of 50", "ms", turn, of_50, None)


def _page(served: Served, session: str, path: str) -> Page:
    headers = {"Cookie": f"sessionid={session}", "Accept-Encoding": "gzip"}
    with httpx.Client(base_url=served.url, headers=headers, timeout=60, trust_env=False) as http:
        sizes = [_bytes(http, path) for _ in range(3)]  # the first ones load what pages need
        before = served.cpu()
        sizes += [_bytes(http, path) for _ in range(TIMES)]
        return Page((served.cpu() - before) * 1000 / TIMES, sizes[-1] / 1024)


def _bytes(http: httpx.Client, path: str) -> int:
    with http.stream("GET", path) as answer:
        answer.raise_for_status()
        return sum(map(len, answer.iter_raw()))


def _turn(served: Served, session: str, path: str) -> float:
    """Return the milliseconds of CPU of a short turn, from submit to settled."""
    speaker = OneConversation(path.strip("/").partition("/")[2])
    outcome = uvloop.run(ask(served, speaker, [session], TURNS))
    assert all(answer.has_ended for answer in outcome.answers)
    return outcome.cpu * 1000 / TURNS.turns


def _compared(name: str, long: Page, short: Page, most: float) -> Iterator[Row]:
    yield _row(f"{name}: CPU", "ms", long.cpu, short.cpu, most)
    yield _row(f"{name}: transferred", "KB", long.size, short.size, most)


def _row(figure: str, unit: str, long: float, short: float, most: float | None) -> Row:
    ratio = long / short
    return Row(
        figure=figure,
        bar="–" if most is None else f"<= {most:g} x the short one",
        ours=f"{long:.1f} {unit}",
        relay=f"{short:.1f} {unit}",
        ratio=f"{ratio:.2f}",
        is_met=None if most is None else ratio <= most,
    )
