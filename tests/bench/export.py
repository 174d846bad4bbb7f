"""Exports of 10,000 and of 100,000 messages: the larger one takes no more memory."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.bench import processes
from tests.bench.ground import Ground
from tests.bench.search import SERVICE, database_on
from tests.bench.table import Row
from tests.support import paths

FEW, MANY = 10_000, 100_000
MORE_MB = 10
"""What a process may take more by chance: memory is taken in pages, and given back by none."""


def both(ground: Ground, _rounds: int) -> Iterator[Row]:
    """SQLite, and PostgreSQL where the environment names one."""
    yield from _rows("SQLite", ground.data_dir / "export", {})
    if server := os.environ.get(SERVICE):
        with database_on(server, "vision_chat_bench_export") as url:
            yield from _rows("PostgreSQL", ground.data_dir / "export", {"DATABASE_URL": url})


def _rows(database: str, data_dir: Path, more: Mapping[str, str]) -> Iterator[Row]:
    data_dir.mkdir(exist_ok=True)
    _run(data_dir, more, "fill", MANY)
    few, many = (json.loads(_run(data_dir, more, "export", count)) for count in (FEW, MANY))
    yield Row(
        figure=f"export on {database}: memory of {MANY:,} messages, beside that of {FEW:,}",
        bar=f"<= {MORE_MB} MB more",
        ours=f"{many['peak_mb']:.0f} MB",
        relay=f"{few['peak_mb']:.0f} MB",
        ratio=f"{many['peak_mb'] / few['peak_mb']:.2f}",
        is_met=many["peak_mb"] <= few["peak_mb"] + MORE_MB,
    )
    yield Row(
        figure=f"export on {database}: {MANY:,} messages, {many['bytes'] / 1e6:.0f} MB",
        bar="–",
        ours=f"{many['seconds']:.0f} s",
    )


def _run(data_dir: Path, more: Mapping[str, str], *arguments: Any) -> str:
    running = subprocess.run(
        [sys.executable, "-m", "tests.bench.exporting", *map(str, arguments)],
        cwd=paths.ROOT,
        env=processes.environment(data_dir, more=more),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return running.stdout
