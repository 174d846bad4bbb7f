"""The places in front of Django: how many requests may be worked on at once, and how many may wait."""

from dataclasses import dataclass

from vision_chat.services.writer import THREADS


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """How many requests may be worked on at once, and how many may wait, in all and for one caller.

    Strangers together cannot take every place, from however many addresses they come.
    """

    working: int
    working_for_strangers: int
    working_per_caller: int
    waiting: int
    waiting_per_caller: int
    wait_seconds: float


PAGES = Places(
    working=12,
    working_for_strangers=8,
    working_per_caller=4,
    waiting=400,
    waiting_per_caller=200,
    wait_seconds=30,
)
UPLOADS = Places(
    working=12,
    working_for_strangers=4,
    working_per_caller=4,
    waiting=200,
    waiting_per_caller=50,
    wait_seconds=120,
)
"""Places of their own for uploads, which wait for the image worker while they have one."""
PICTURES = Places(
    working=12,
    working_for_strangers=2,
    working_per_caller=6,
    waiting=400,
    waiting_per_caller=200,
    wait_seconds=30,
)
"""Places of their own for pictures that are on another server: pages do not wait where that is slow."""
EXPORTS = Places(
    working=6,
    working_for_strangers=2,
    working_per_caller=2,
    waiting=50,
    waiting_per_caller=4,
    wait_seconds=30,
)
"""Places of their own for exports, which have one for as long as the download takes."""
POOL = PAGES.working + UPLOADS.working + EXPORTS.working + THREADS
"""The most connections in the pool: of each page, upload and export that is worked on, and each own thread.

Pictures on another server are not counted: they give theirs back before they wait for the file.
"""
CONNECTIONS = POOL + 2
"""The most connections of a process to the database: those of the pool, of `/readyz` and of the watch."""
