"""An endpoint whose answer never ends: what is taken and kept of it, and what it costs to open it again."""

import sqlite3
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import httpx
import uvloop

from tests.attack.finding import Finding, at_most, joined
from tests.attack.hostile_answers import ENDLESS
from tests.attack.hostility import Hostility, hostile
from tests.attack.pulse import feel
from tests.bench import ground, processes

SECONDS = 15
"""How long an answer may go on, and its connection stay open."""
MOST_CHARACTERS = 1_000_000
MOST_DATABASE = 10
MOST_CPU = 1
PATIENCE = 60
CONTINUED = ("paragraphs", "marks", "angles")
"""Kinds of which the answer is continued, too: all of it is divided and rendered anew."""
LONG_ANSWERS = {"CHAT_MAX_OUTPUT_TOKENS": "250000"}
LONGEST = ("tokens", "paragraphs", "table-rows", "thoughts")
"""Kinds that are measured up to the absolute limit, too."""

KEPT = """
SELECT message.conversation_id, length(message.text) + length(generation.thoughts)
FROM vision_chat_generation AS generation
JOIN vision_chat_message AS message ON message.id = generation.message_id
ORDER BY generation.id DESC LIMIT 1
"""


def endless(data_dir: Path) -> Iterator[Finding]:
    """Measure each kind while it comes, and afterwards on a server that has just started."""
    asker, other, *_ = ground.prepare(data_dir).sessions
    for name in ENDLESS:
        _compact(data_dir)
        before = _megabytes(data_dir)
        yield _meanwhile(name, data_dir, asker, other)
        yield _afterwards(name, data_dir, asker, before)
        if name in CONTINUED:
            yield _continued(name, data_dir, asker, other)
    for name in LONGEST:
        yield _meanwhile(name, data_dir, asker, other, LONG_ANSWERS)


def _meanwhile(
    name: str, data_dir: Path, asker: str, other: str, more: Mapping[str, str] = processes.NOTHING
) -> Finding:
    with hostile(name, data_dir, more) as hostility:
        pulse = uvloop.run(feel(hostility.served, other, lambda: _until_closed(hostility, asker), SECONDS))
    settings = "".join(f", {key}={value}" for key, value in more.items())
    return joined(f"an answer of {name} without end{settings}", *pulse.figures(), pulse.end(SECONDS))


def _continued(name: str, data_dir: Path, asker: str, other: str) -> Finding:
    with hostile("an-honest-answer", data_dir) as hostility:
        going_on = partial(hostility.go_on, asker, _last_reply(data_dir))
        pulse = uvloop.run(feel(hostility.served, other, going_on, SECONDS))
    return joined(f"an answer of {name} is continued", *pulse.figures(), pulse.end(SECONDS))


async def _until_closed(hostility: Hostility, asker: str) -> bool:
    answer = await hostility.ask(asker)
    await hostility.until_closed()
    return answer.has_ended


def _afterwards(name: str, data_dir: Path, asker: str, before: float) -> Finding:
    grown = _megabytes(data_dir) - before  # first: whoever closes the database last removes its log
    conversation, characters = _kept(data_dir)
    kept = Finding(
        attack="kept",
        measured=f"{characters:,} characters",
        bar=f"1 to {MOST_CHARACTERS:,} characters",
        is_met=0 < characters <= MOST_CHARACTERS,
    )
    return joined(
        f"an answer of {name} afterwards",
        kept,
        at_most("database +", grown, MOST_DATABASE, "MB", digits=1),
        at_most("its page", _cpu_of_page(data_dir, asker, conversation), MOST_CPU, "s of CPU"),
    )


def _compact(data_dir: Path) -> None:
    """Give back what an earlier answer left free in the file, where the next one would grow unseen."""
    with closing(sqlite3.connect(data_dir / "db.sqlite3", isolation_level=None)) as database:
        database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _megabytes(data_dir: Path) -> float:
    """The database with its log."""
    return sum(path.stat().st_size for path in data_dir.glob("db.sqlite3*")) / 1e6


def _kept(data_dir: Path) -> tuple[uuid.UUID, int]:
    """The conversation of the last reply, and the length of what its row holds."""
    with closing(sqlite3.connect(data_dir / "db.sqlite3")) as database:
        conversation, characters = database.execute(KEPT).fetchone()
    return uuid.UUID(conversation), characters


def _last_reply(data_dir: Path) -> int:
    with closing(sqlite3.connect(data_dir / "db.sqlite3")) as database:
        message: int = database.execute(
            "SELECT message_id FROM vision_chat_generation ORDER BY id DESC"
        ).fetchone()[0]
    return message


def _cpu_of_page(data_dir: Path, asker: str, conversation: uuid.UUID) -> float:
    """Seconds until the page has come, or patience has ended, on a server that has served another page."""
    cookie = {"Cookie": f"sessionid={asker}"}
    with processes.endpoint() as endpoint, processes.ours(data_dir, endpoint) as served:
        httpx.get(served.url, headers=cookie, trust_env=False).raise_for_status()
        before = served.cpu()
        with suppress(httpx.TimeoutException):
            page = httpx.get(
                f"{served.url}/c/{conversation}/", headers=cookie, timeout=PATIENCE, trust_env=False
            )
            page.raise_for_status()
        return served.cpu() - before
