"""The publisher of a process: what others watch of its replies is appended to streams in Redis."""

import asyncio
import logging
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final, Protocol

from vision_chat.services.metrics import measured
from vision_chat.services.mirror.entries import (
    FIELD,
    Ended,
    Entry,
    Seen,
    Stop,
    Wanted,
    encode,
    joined,
    length_of,
)
from vision_chat.services.mirror.link import Link, is_cancelled, letters_in
from vision_chat.services.mirror.times import Times
from vision_chat.services.places.mapping import Sight
from vision_chat.services.replies.live import LiveReply
from vision_chat.services.replies.slots import InLine
from vision_chat.services.site.redis import AWAY
from vision_chat.services.thoughts.division import Part

logger = logging.getLogger(__name__)

MAX_ENTRIES: Final = 1000
"""About as many are kept of a stream; who lacks more asks for a snapshot."""


class Replies(Protocol):
    """The replies of this process, as the runner has them."""

    def live(self, message_id: int) -> LiveReply | None: ...
    def stop(self, message_id: int) -> object: ...
    @property
    def has_live(self) -> bool: ...


class Publisher:
    """Publishes the replies of this process that others watch: one pipeline a tick for all of them."""

    def __init__(
        self,
        link: Link,
        replies: Replies,
        times: Times | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._link = link
        self._replies = replies
        self._times = times or Times()
        self._clock = clock
        self._streams: dict[int, _Stream] = {}
        """By generation."""
        self._is_away = False

    async def run(self) -> None:
        """Publish until cancelled. While Redis is away nothing is, and nobody waits for it."""
        while not is_cancelled():
            await asyncio.sleep(self._times.tick if self._streams else self._times.idle_tick)
            if not (self._streams or self._replies.has_live):
                continue
            try:
                while await self.publish():
                    pass  # what was asked for just now is published at once
                self._is_away = False
            except AWAY as error:
                measured.REDIS_ERRORS.add(1, "publisher")
                if not self._is_away:
                    logger.warning("Redis is away: others show replies of this process later (%s)", error)
                self._is_away = True
                self._streams.clear()  # what a stream has got is not known; who watches asks again
                await asyncio.sleep(self._times.retry)
            except Exception:
                logger.exception("Replies could not be published; trying again")
                self._streams.clear()
                await asyncio.sleep(self._times.retry)

    async def publish(self) -> bool:
        """Append what has grown, and read the mailbox. Returns whether more is wanted than before."""
        now = self._clock()
        async with self._link.pipeline() as pipeline:
            self._link.take(pipeline)
            for generation_id, stream in list(self._streams.items()):
                name = self._link.stream(generation_id)
                if stream.wanted_until < now:
                    pipeline.delete(name)
                    del self._streams[generation_id]
                    continue
                entries = list(stream.take())
                for entry in entries:
                    pipeline.xadd(name, {FIELD: encode(entry)}, maxlen=MAX_ENTRIES, approximate=True)
                if entries:  # each time, as Redis may have lost the stream and with it the time
                    pipeline.pexpire(name, round(self._times.kept * 1000))
                if stream.has_ended:
                    del self._streams[generation_id]
            taken, *_ = await pipeline.execute()
        has_more = False
        for letter in letters_in(taken):
            if isinstance(letter, Stop):
                self._replies.stop(letter.message_id)
            else:
                has_more = self._want(letter, now) or has_more
        return has_more

    def offer(self, taken: InLine) -> None:
        """Publish a reply that has waited: whoever has watched it does not know yet where it runs."""
        self._want(Wanted(taken.message_id, taken.generation_id), self._clock())

    def _want(self, letter: Wanted, now: float) -> bool:
        live = self._replies.live(letter.message_id)
        if live is None:
            return False  # it has ended, or has not begun: rows tell
        stream = self._streams.get(letter.generation_id)
        is_new = stream is None or stream.live is not live or letter.afresh
        if stream is None or is_new:
            stream = self._streams[letter.generation_id] = _Stream(live)
        stream.wanted_until = now + self._times.interest
        return is_new


class _Stream:
    """What a stream has got of a reply."""

    def __init__(self, live: LiveReply) -> None:
        self.live = live
        self.is_new = True
        self.has_ended = False
        self.wanted_until = 0.0
        self._sent = 0
        """Number of the pieces."""
        self._length = 0
        self._note = ""
        self._sight: Sight | None = None

    def take(self) -> Iterator[Entry]:
        """Yield the entries of what is new, each of one part."""
        if self.is_new:
            yield self._snapshot()
        live = self.live
        while self._sent < len(live.pieces):
            part = self._part_of(self._sent)
            later = [start for start in live.part_starts if start > self._sent]
            end = min(later, default=len(live.pieces))
            pieces = joined(live.pieces[self._sent : end])
            self._sent = end
            is_last = end == len(live.pieces)
            yield self._entry(part, pieces, is_last=is_last)
        if self._has_news:
            yield self._entry(self._part_of(self._sent), [], is_last=True)

    def _snapshot(self) -> Entry:
        live, first = self.live, len(self.live.first_parts)
        self.is_new, self._sent = False, len(live.pieces)
        starts = [*live.part_starts, len(live.pieces)]
        written = [
            Part("".join(text for text, _ in pieces), "".join(thoughts for _, thoughts in pieces))
            for pieces in (live.pieces[start:end] for start, end in pairwise(starts))
        ]
        entry = self._entry(first + len(written) - 1, [], is_last=True)
        entry.at = self._length = live.length
        entry.parts = [*live.first_parts, *written]
        return entry

    def _part_of(self, index: int) -> int:
        live = self.live
        return len(live.first_parts) + bisect_right(live.part_starts, index) - 1

    @property
    def _has_news(self) -> bool:
        live = self.live
        has_ended = live.end is not None and not self.has_ended
        return has_ended or live.shown_note != self._note or self._new_sight is not None

    @property
    def _new_sight(self) -> Sight | None:
        places = self.live.places
        return None if places is None or places.sight is self._sight else places.sight

    def _entry(self, part: int, pieces: list[tuple[str, str]], *, is_last: bool) -> Entry:
        live = self.live
        entry = Entry(at=self._length, part=part, pieces=pieces, thought_ms=live.thought_ms)
        self._length += length_of(pieces)
        if live.shown_note != self._note:
            entry.note = self._note = live.shown_note
        if (sight := self._new_sight) is not None:
            entry.seen, self._sight = Seen.of(sight), sight
        if live.end is not None and is_last:
            entry.ended, self.has_ended = Ended.of(live.end), True
        return entry
