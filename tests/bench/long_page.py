"""Measure the page of a conversation of 2,000 messages."""

import time
from collections.abc import Iterator

import httpx

from tests.bench import processes
from tests.bench.ground import Ground
from tests.bench.table import Row, at_most

NAME = "page of 2,000 messages"


def page(ground: Ground, rounds: int) -> Iterator[Row]:
    took, cpu, size = [], [], []
    headers = {"Cookie": f"sessionid={ground.sessions[1]}", "Accept-Encoding": "gzip"}
    with processes.endpoint() as endpoint, processes.ours(ground.data_dir, endpoint) as served:
        for _ in range(rounds + 1):
            cpu_before, begun = served.cpu(), time.monotonic()
            with httpx.stream(
                "GET", served.url + ground.long_conversation, headers=headers, timeout=60, trust_env=False
            ) as answer:
                answer.raise_for_status()
                size.append(sum(map(len, answer.iter_raw())) / 1024)
            took.append(time.monotonic() - begun)
            cpu.append(served.cpu() - cpu_before)
    # the first one after the start also loads what pages need
    yield at_most(f"{NAME}: time to the last byte", "s", 2.5, took[1:], digits=2)
    yield at_most(f"{NAME}: CPU", "s", 2.5, cpu[1:], digits=2)
    yield at_most(f"{NAME}: transferred", "KB", 500, size[1:])
