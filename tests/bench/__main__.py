"""`make bench`: every figure of ours beside a raw relay's, measured in the same run, as a Markdown table.

python -m tests.bench [--only replies first-token ...] [--rounds 2]

What takes minutes, such as `search`, `lighthouse` and `many`, is measured only where `--only` names it.
"""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench import (
    cold_page,
    export,
    fair,
    ground,
    heavy,
    idle,
    legibility,
    lighthouse,
    long_ones,
    long_page,
    many,
    markdown,
    processes,
    replies,
    resources,
    review,
    search,
)
from tests.bench.ground import Ground
from tests.bench.table import Row, header, line, say

SECTIONS: dict[str, Callable[[Ground, int], Iterator[Row]]] = {
    "replies": replies.hundred,
    "first-token": replies.first_token,
    "two-hundred": replies.two_hundred,
    "short": replies.short,
    "memory": resources.memory,
    "start": resources.start,
    "page": cold_page.page,
    "long-page": long_page.page,
    "long": long_ones.lengths,
    "markdown": markdown.kinds,
    "pdf": heavy.pdf,
    "photographs": heavy.photographs,
    "legibility": legibility.words,
    "search": search.both,
    "review": review.pages,
    "export": export.both,
    "lighthouse": lighthouse.scores,
    "many": many.two_processes,
    "many-two-hundred": many.two_hundred,
    "idle": idle.idle,
    "fair": fair.fair,
}

OF_MANY = {"many", "many-two-hundred", "idle", "fair"}
"""They prepare a PostgreSQL of their own."""
LONG = {"search", "review", "export", "lighthouse", *OF_MANY}
"""Run only where they are asked for: they take minutes, some a PostgreSQL and a Redis, or npm."""
SHORT = [name for name in SECTIONS if name not in LONG]


def main() -> None:
    parser = argparse.ArgumentParser(description="Ours against a raw relay.")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SHORT)
    parser.add_argument("--rounds", type=int, default=2, help="how often ours and the relay take turns")
    options = parser.parse_args()
    os.sched_setaffinity(0, {processes.BESIDE})
    with tempfile.TemporaryDirectory(prefix="vision-chat-bench-") as folder:
        is_used = not set(options.only) <= OF_MANY
        prepared = ground.prepare(Path(folder)) if is_used else ground.empty(Path(folder))
        say(header())
        for name in options.only:
            for row in SECTIONS[name](prepared, options.rounds):
                say(line(row.cells()))


if __name__ == "__main__":
    main()
