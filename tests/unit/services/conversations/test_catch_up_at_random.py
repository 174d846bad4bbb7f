"""A page that comes back shows what a page shows that is opened now, whatever has happened meanwhile."""

import asyncio
import random
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from tests.support.random_conversation import RandomConversation, Visit


@pytest.fixture
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.mark.long
@pytest.mark.parametrize("seed", range(12))
def test_a_page_that_catches_up_shows_what_a_page_opened_afresh_shows(
    ann: User, loop: asyncio.Runner, seed: int
) -> None:
    chance = random.Random(seed)
    inside = RandomConversation(ann, chance)
    page = inside.opened()
    for _ in range(6):
        for _ in range(chance.randint(0, 5)):
            inside.happen()
        visit = Visit(page, inside, ann, loop)
        ending = inside.save_end() if inside.running and chance.random() < 0.2 else None
        missed = visit.catch_up()
        if ending is not None:
            inside.tell_end(ending)
        visit.stay(missed, *chance.choices([inside.grow, inside.settle], k=chance.randint(0, 3)))
        if page.shows_waiting:  # of what becomes of it a broadcast would tell
            visit.stay(visit.catch_up())
        afresh = inside.opened()
        if page.is_stale:
            page = afresh
        assert page.shown() == afresh.shown()
