"""The mirrored replies of a process: read from streams and, where these lack something, from rows.

A reply that waits for a slot is one of them: its note says how many are ahead. Once this process has taken
it, those who follow it go on with the reply itself.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from typing import Final, Protocol

import msgspec

from vision_chat.models.generation import runs_here
from vision_chat.services.metrics import measured
from vision_chat.services.mirror import rows
from vision_chat.services.mirror.entries import FIELD, Letter, Stop, Wanted, entry_in
from vision_chat.services.mirror.link import Link, is_cancelled
from vision_chat.services.mirror.mirrored import FIRST_ID, Mirror, MirroredReply, NewLive
from vision_chat.services.mirror.rows import Elsewhere, Look
from vision_chat.services.mirror.times import Times
from vision_chat.services.presentation.sentences import waiting_sentence
from vision_chat.services.replies.admission import ahead_in_line
from vision_chat.services.replies.live import LiveReply
from vision_chat.services.site.redis import AWAY
from vision_chat.services.writer import Readers

logger = logging.getLogger(__name__)

MAX_READ: Final = 500
"""Entries of a stream that are read at once."""


class Here(Protocol):
    """The replies of this process, as the runner has them."""

    boot_id: str

    def live(self, message_id: int) -> LiveReply | None: ...
    @property
    def new_live(self) -> NewLive: ...


class Mirrors:
    """The replies that do not run here and that pages of this process watch. Used on the event loop only.

    Without a `link` there is no other process: then they wait for a slot.
    """

    def __init__(
        self,
        link: Link | None,
        readers: Readers,
        here: Here,
        times: Times | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._link = link
        self._readers = readers
        self._here = here
        self._times = times or Times()
        self._clock = clock
        self._replies: dict[int, MirroredReply] = {}
        self._has_some = asyncio.Event()
        """Set while there are replies."""
        self._has_new = asyncio.Event()
        """Set where a reply waits for its first look."""
        self._unasked: set[MirroredReply] = set()
        """Replies whose process does not know yet that they are watched."""
        self._lacking: set[MirroredReply] = set()
        """Replies whose streams lack something."""
        self._behind: set[int] = set()
        """Replies whose rows were ahead of them at the last look."""
        self._is_away = False
        self._hastening: set[asyncio.Task[None]] = set()

    @property
    def count(self) -> int:
        return len(self._replies)

    @property
    def has_link(self) -> bool:
        """True where there may be other processes."""
        return self._link is not None

    def look_soon(self) -> None:
        """Look at the rows at once: the line of replies that wait has changed."""
        self._has_new.set()

    def get(self, where: Elsewhere) -> MirroredReply | LiveReply:
        """Return the mirror of a reply, made where it is not there; the reply itself where it runs here."""
        live = self._running_here(where)
        return self._mirrored(where) if live is None else live

    def _running_here(self, where: Elsewhere) -> LiveReply | None:
        live = self._here.live(where.message_id) if self._runs_here(where) else None
        return None if live is None or live.has_ended else live

    def _runs_here(self, where: Elsewhere) -> bool:
        return runs_here(where.boot_id, self._here.boot_id)

    def _mirrored(self, where: Elsewhere) -> MirroredReply:
        reply = self._replies.get(where.message_id)
        is_known = reply is not None and reply.where.generation_id == where.generation_id
        if reply is None or reply.is_left or (reply.has_ended and not is_known):
            reply = self._replies[where.message_id] = MirroredReply(where)
            self._unasked.add(reply)
            self._has_some.set()
            self._has_new.set()
        reply.followed_at = self._clock()
        return reply

    async def running(self, message_id: int) -> MirroredReply | LiveReply | None:
        """Return a reply that runs or waits, wherever; None of one that has ended."""
        where = await self._readers.run(rows.running, message_id)
        return None if where is None else self.get(where)

    def hasten_stops(self, boot_ids: Mapping[int, str]) -> None:
        """Tell the processes of these replies, by boot id, to stop them; rows tell them a second later.

        Nobody waits for that: a Redis that hangs would hold up the page that asks.
        """
        if self._link is None or not boot_ids:
            return
        task = asyncio.create_task(self._hasten_stops(self._link, boot_ids))
        self._hastening.add(task)
        task.add_done_callback(self._hastening.discard)

    async def _hasten_stops(self, link: Link, boot_ids: Mapping[int, str]) -> None:
        letters: dict[str, list[Letter]] = defaultdict(list)
        for message_id, boot_id in boot_ids.items():
            letters[boot_id].append(Stop(message_id))
        try:
            await link.send(letters)
        except AWAY as error:
            logger.info("Redis is away: replies of other processes stop at their next checkpoint (%s)", error)

    async def run(self) -> None:
        """Keep the mirrors up to date until cancelled."""
        async with asyncio.TaskGroup() as group:
            if self._link is not None:
                group.create_task(self._read_streams(self._link))
            group.create_task(self._look_at_rows())

    # streams

    async def _read_streams(self, link: Link) -> None:
        ask_all_at = 0.0
        while not is_cancelled():
            await self._has_some.wait()
            now = self._clock()
            try:
                if now >= ask_all_at:
                    self._unasked.update(self._replies.values())
                    ask_all_at = now + self._times.ask
                await self._ask(link, now)
                await self._read(link)
                self._is_away = False
            except AWAY as error:
                measured.REDIS_ERRORS.add(1, "mirrors")
                if not self._is_away:
                    logger.warning("Redis is away: replies of other processes are shown later (%s)", error)
                self._is_away, ask_all_at = True, 0.0
                self._lacking.update(self._replies.values())
                await asyncio.sleep(self._times.retry)
            except Exception:
                logger.exception("Replies of other processes could not be read; trying again")
                await asyncio.sleep(self._times.retry)
            await asyncio.sleep(self._times.read)

    async def _ask(self, link: Link, now: float) -> None:
        """Tell other processes which of their replies are watched here, and what is lacking."""
        lacking = {reply for reply in self._lacking if now >= reply.asked_at + self._times.ask_again}
        letters: dict[str, list[Letter]] = defaultdict(list)
        for reply in self._unasked | lacking:
            if not (reply.has_ended or reply.where.is_queued or self._runs_here(reply.where)):
                where, afresh = reply.where, reply in lacking
                letters[where.boot_id].append(Wanted(where.message_id, where.generation_id, afresh))
        if letters:
            await link.send(letters)
        self._unasked.clear()
        for reply in lacking:
            reply.asked_at = now

    async def _read(self, link: Link) -> None:
        """Read what is new in all streams, by one command."""
        growing = [reply for reply in self._replies.values() if reply.mirror and reply.is_growing]
        by_name = {link.stream(reply.where.generation_id): reply for reply in growing}
        if not by_name:
            return
        ids = {name: reply.stream_id for name, reply in by_name.items()}
        for name, entries in await link.redis.xread(ids, count=MAX_READ):  # type: ignore[arg-type]  # a mapping of names, whatever their type
            reply = by_name[name.decode()]
            for entry_id, fields in entries:
                reply.stream_id = entry_id
                self._take(reply, fields[FIELD])
            reply.changed()

    def _take(self, reply: MirroredReply, data: bytes) -> None:
        assert reply.mirror is not None
        try:
            is_complete = reply.mirror.take(entry_in(data))
        except msgspec.MsgspecError:
            is_complete = False  # of another release; rows tell
        if is_complete:
            self._lacking.discard(reply)
        else:
            self._lacking.add(reply)

    # rows

    async def _look_at_rows(self) -> None:
        while True:
            await self._has_some.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._times.look):
                    await self._has_new.wait()
            self._has_new.clear()
            self._forget()
            if not self._replies:
                continue
            try:
                await self._look()
            except Exception:
                logger.exception("The rows of replies of other processes could not be read; trying again")

    def _forget(self) -> None:
        """Forget what nobody has followed for a while."""
        now = self._clock()
        for message_id, reply in list(self._replies.items()):
            if reply.followers:
                reply.followed_at = now
            elif reply.followed_at + self._times.linger < now:
                del self._replies[message_id]
                self._lacking.discard(reply)
        if not self._replies:
            self._has_some.clear()

    async def _look(self) -> None:
        watched = {pk: reply for pk, reply in self._replies.items() if reply.is_growing}
        looks = await self._readers.run(rows.glance, list(watched))
        to_read = [pk for pk, look in looks.items() if self._note(watched[pk], look)]
        self._behind &= watched.keys()
        for pk in watched.keys() - looks.keys():
            watched[pk].lose()
        if to_read:
            await self._read_rows({pk: watched[pk] for pk in to_read})
        if queued := [watched[pk] for pk, look in looks.items() if look.is_queued]:
            await self._say_places(queued)

    async def _say_places(self, queued: Iterable[MirroredReply]) -> None:
        """Let replies that wait say how many are ahead of them."""
        places = await self._readers.run(ahead_in_line)
        for reply in queued:
            ahead = places.get(reply.where.message_id)  # none of one that was taken since
            if reply.mirror is not None and ahead is not None:
                reply.mirror.live.note(waiting_sentence(ahead), ahead)

    def _note(self, reply: MirroredReply, look: Look) -> bool:
        """Note what a look has shown, and return whether the row must be read."""
        message_id = look.where.message_id
        if look.where != reply.where:  # another generation goes on with it, or a process has taken it
            reply.where, reply.stream_id = look.where, FIRST_ID
            reply.unnote()
            self._unasked.add(reply)
        if look.is_running and (live := self._running_here(look.where)) is not None:
            reply.move_to(live)
            return False
        is_behind = look.length > reply.length
        if is_behind and message_id in self._behind:  # twice: the stream does not bring it
            reply.stream_id = FIRST_ID
            self._lacking.add(reply)
        if is_behind and reply.mirror is not None:
            self._behind.add(message_id)
        else:
            self._behind.discard(message_id)
        return is_behind or not look.is_running

    async def _read_rows(self, watched: dict[int, MirroredReply]) -> None:
        new = {pk for pk, reply in watched.items() if reply.mirror is None}
        for pk, mirror in (await self._readers.run(self._made, new)).items():
            watched[pk].mirror = mirror
            watched[pk].changed()
        for pk, row in (await self._readers.run(rows.read, watched.keys() - new)).items():
            reply = watched[pk]
            assert reply.mirror is not None
            if not reply.mirror.take_row(row):
                reply.lose()
            reply.changed()

    def _made(self, message_ids: Collection[int]) -> dict[int, Mirror]:
        """Make mirrors, beside the event loop: a long text takes a while."""
        return {pk: Mirror(row, self._here.new_live) for pk, row in rows.read(message_ids).items()}
