"""Another checkout against this one: both serve half of the load at the same time, on the same core.

What disturbs a shared machine disturbs both, so a few percent show, where runs one after the other differ by
more from one minute to the next. Both must have the same tables and packages.

python -m tests.bench.versus ../other-checkout [--rounds 4]
"""

import argparse
import asyncio
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import mean, stdev

import uvloop

from tests.bench import ground, processes
from tests.bench.crowd import Load, ask
from tests.bench.ground import Ground
from tests.bench.processes import Served
from tests.bench.speakers import OurSpeaker
from tests.bench.table import say
from tests.support.paths import ROOT

HALF = Load(people=50, tokens=300, rate=30, spread=1)


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU per token of this checkout in terms of another one's.")
    parser.add_argument("other", type=Path)
    parser.add_argument("--rounds", type=int, default=4)
    options = parser.parse_args()
    os.sched_setaffinity(0, {processes.BESIDE})
    with ExitStack() as stack:
        folders = [
            stack.enter_context(tempfile.TemporaryDirectory(prefix="vision-chat-versus-")) for _ in "ab"
        ]
        grounds = [ground.prepare(Path(folder)) for folder in folders]
        roots = [ROOT, options.other.resolve()]
        ratios = [_ratio(roots, grounds) for _ in range(options.rounds)]
    error = stdev(ratios) / len(ratios) ** 0.5 if len(ratios) > 1 else float("nan")
    say(f"this / other: {mean(ratios):.3f}, standard error {error:.3f}")


def _ratio(roots: list[Path], grounds: list[Ground]) -> float:
    with ExitStack() as stack:
        served = []
        for root, prepared in zip(roots, grounds, strict=True):
            endpoint = stack.enter_context(processes.endpoint())
            served.append(stack.enter_context(processes.ours(prepared.data_dir, endpoint, root)))
        this, other = uvloop.run(_play(served, grounds))
    tokens = HALF.people * HALF.tokens
    say(f"CPU per 1,000 tokens: this {this * 1000 / tokens:.3f} s, other {other * 1000 / tokens:.3f} s")
    return this / other


async def _play(served: list[Served], grounds: list[Ground]) -> list[float]:
    loads = [
        ask(one, OurSpeaker(), prepared.sessions, HALF) for one, prepared in zip(served, grounds, strict=True)
    ]
    return [outcome.cpu for outcome in await asyncio.gather(*loads)]


if __name__ == "__main__":
    main()
