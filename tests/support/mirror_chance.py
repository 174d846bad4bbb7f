"""What may happen to a reply that is watched from another process, by chance."""

import asyncio
import random
import uuid
from collections.abc import Callable, Coroutine
from typing import Any

from tests.support.mirror_stage import MirrorStage
from tests.support.random_conversation import ENDS, PIECES
from vision_chat.services.places.copies import copies_of
from vision_chat.services.places.mapping import Sight
from vision_chat.services.replies.history import Cursor

SIGHT = Sight(
    copies=copies_of([{"images": [{"image_id": str(uuid.uuid4()), "width": 100, "height": 100}]}]),
    frame="thousandths",
)
BOX = '{"bbox_2d": [100, 200, 300, %d]}'
THOUGHTS = ("Hmm, ", "**so** ", "\n\n", "- a\n", "then.")


class Chance:
    """Does things to a reply, its pages and Redis, by chance."""

    def __init__(self, stage: MirrorStage, seed: int) -> None:
        self._stage = stage
        self._chance = random.Random(seed)
        self._answers = False

    async def happen(self) -> None:
        steps: dict[Callable[[], Coroutine[Any, Any, None]], int] = {
            self.grow: 8,
            self.think: 3,
            self.stage_save: 3,
            self.know: 1,
            self.begin_part: 1,
            self.join_there: 3,
            self.join_here: 1,
            self.leave: 2,
            self.move: 2,
            self.trim: 1,
            self.flush: 1,
            self.cut: 1,
        }
        self._stage.seconds += self._chance.random()
        (step,) = self._chance.choices(list(steps), list(steps.values()))
        await step()
        if self._chance.random() < 0.5:
            await asyncio.sleep(self._chance.random() * 0.03)

    async def grow(self) -> None:
        self._answers = True
        for _ in range(self._chance.randint(1, 6)):
            box = BOX % self._chance.randint(300, 900)
            self._stage.live.append(self._chance.choice([*PIECES, box, "<think>", "</think>", "Straße"]))

    async def think(self) -> None:
        if not self._answers:  # a page opened afresh has thoughts that come later in another order
            for _ in range(self._chance.randint(1, 4)):
                self._stage.live.append("", self._chance.choice(THOUGHTS))

    async def stage_save(self) -> None:
        await self._stage.save()

    async def know(self) -> None:
        assert self._stage.live.places is not None
        self._stage.live.places.know(SIGHT)

    async def begin_part(self) -> None:
        await self._stage.begin_part()
        self._answers = False

    async def join_there(self) -> None:
        page = await self._stage.opened()
        self._stage.watch_there(page, Cursor.at(page.model.revision))

    async def join_here(self) -> None:
        page = await self._stage.opened()
        self._stage.watch_here(page, Cursor.at(page.model.revision))

    async def leave(self) -> None:
        watching = self._chance.choice([self._stage.here, self._stage.there])
        if watching:
            _, task = watching.pop(self._chance.randrange(len(watching)))
            task.cancel()

    async def move(self) -> None:
        """Let a page come back to the other process."""
        there = self._chance.random() < 0.5
        watching = self._stage.here if there else self._stage.there
        if not watching:
            return
        page, task = watching.pop(self._chance.randrange(len(watching)))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        cursor = page.connect()
        if there:
            self._stage.watch_there(page, cursor)
        elif page.model.revision <= self._stage.live.length:
            self._stage.watch_here(page, cursor)

    async def trim(self) -> None:
        await self._stage.redis.xtrim(self._stage.links[0].stream(self._stage.where.generation_id), 1)

    async def flush(self) -> None:
        await self._stage.redis.flushdb()

    async def cut(self) -> None:
        """Break the connections of both processes to Redis."""
        own = await self._stage.redis.client_id()
        for client in await self._stage.redis.client_list():
            if client["name"] == self._stage.site and int(client["id"]) != own:
                await self._stage.redis.client_kill_filter(_id=client["id"])

    async def end(self) -> None:
        if self._chance.random() < 0.3:
            await self._stage.die()
        else:
            await self._stage.end(self._chance.choice(ENDS))
