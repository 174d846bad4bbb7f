"""Pages of those who review, on a site of 20,000 conversations, against an empty page of the admin."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.bench import processes
from tests.bench.ground import Ground
from tests.bench.reviewing import EMPTY
from tests.bench.search import SERVICE, database_on
from tests.bench.table import Row
from tests.support import paths

TIMES_EMPTY = 5
FOLDER = "LARGE_DATA_DIR"
"""Names a folder that `python -m tests.bench.seed_large` has filled; else one is filled here."""
DATABASE = "vision_chat_bench_review"


def pages(ground: Ground, _rounds: int) -> Iterator[Row]:
    """SQLite, and PostgreSQL where the environment names one."""
    yield from _rows("SQLite", _measured(Path(os.environ.get(FOLDER, ground.data_dir / "large")), {}))
    if server := os.environ.get(SERVICE):
        with database_on(server, DATABASE) as url:
            yield from _rows("PostgreSQL", _measured(ground.data_dir / "large_pg", {"DATABASE_URL": url}))


def _rows(database: str, figures: Mapping[str, Any]) -> Iterator[Row]:
    empty = figures[EMPTY]["ms"]
    for name, page in figures.items():
        title = f"{database}: {name}"
        if not page.get("url"):
            yield Row(figure=title, bar="–", ours="not there")
            continue
        ratio = page["ms"] / empty
        yield Row(
            figure=f"{title}, `{page['url']}`",
            bar=f"<= {TIMES_EMPTY} x empty",
            ours=f"{page['queries']} queries, {page['ms']:.1f} ms",
            ratio=f"{ratio:.1f}",
            is_met=ratio <= TIMES_EMPTY,
        )


def _measured(data_dir: Path, more: Mapping[str, str]) -> dict[str, Any]:
    environment = processes.environment(data_dir, more=more)
    if not data_dir.exists():
        data_dir.mkdir()
        subprocess.run(
            [sys.executable, "-m", "tests.bench.seed_large"],
            cwd=paths.ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            check=True,
        )
    measuring = subprocess.run(
        [sys.executable, "-m", "tests.bench.reviewing"],
        cwd=paths.ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    figures: dict[str, Any] = json.loads(measuring.stdout)
    return figures
