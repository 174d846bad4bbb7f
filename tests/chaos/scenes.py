"""Scenes in which something goes wrong while people ask. Each says what it has measured."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable

from tests.attack.finding import Finding
from tests.chaos.findings import exactly, said
from tests.chaos.site import Server
from tests.chaos.stage import Stage

Scene = Callable[[Stage], AsyncIterator[Finding]]
KILLED_FOR = 1.0


def calm(seconds: float) -> Scene:
    async def scene(stage: Stage) -> AsyncIterator[Finding]:
        await asyncio.sleep(seconds)
        yield said("people ask, and nothing fails", f"{seconds:g} s")

    return scene


async def killed(stage: Stage) -> AsyncIterator[Finding]:
    """`kill -9` of a server, which is started again: its replies are interrupted, in rows and on pages."""
    server = stage.site.any_server()
    reply = await stage.long_reply(server, tokens=900)
    seen = max(page.thread.articles[-1].revision for page in (reply.asking, reply.watching))
    server.send_signal(signal.SIGKILL, reply.port)
    begun = time.monotonic()
    await server.killed()
    again = asyncio.create_task(_again(stage, server))
    try:
        taken = await stage.seconds_until(
            lambda: stage.rows.statuses([reply.id])[reply.id] == "interrupted", 90
        )
    finally:
        await again
    yield stage.within("kill -9: interrupted in the rows after", taken, 15)
    key = (reply.id, "interrupted")
    await reply.watching.until(lambda _: key in reply.watching.seen_at, 30)
    shown = reply.watching.seen_at.get(key, float("inf")) - begun
    yield stage.within("kill -9: interrupted on a page of another process after", shown, 15)
    text = next(each.text for each in await asyncio.to_thread(stage.rows.replies) if each.id == reply.id)
    rate = 20 * 5  # 20 tokens a second, each about so many characters
    yield stage.within("kill -9: of what a page has shown is lost", max(0, seen - len(text)) / rate, 2)


async def _again(stage: Stage, server: Server) -> None:
    await asyncio.sleep(KILLED_FOR)
    if not server.is_its_own_keeper:
        await server.start()


async def stop_without_redis(stage: Stage) -> AsyncIterator[Finding]:
    """A stop, by a page of another process, of a reply that runs; Redis answers nobody."""
    server = stage.site.servers[0]
    reply = await stage.long_reply(server, tokens=900)
    for each in stage.site.servers:
        each.redis.hold()
    try:
        await asyncio.sleep(2)
        begun = time.monotonic()
        asking = asyncio.create_task(reply.watching.request("generation.stop", message_id=str(reply.id)))
        taken = await stage.seconds_until(lambda: stage.rows.statuses([reply.id])[reply.id] == "stopped", 60)
        yield stage.within("Redis away: a stop from another process took", taken, 2)
        await asking
        yield stage.within("Redis away: its page was told after", time.monotonic() - begun, 2)
    finally:
        for each in stage.site.servers:
            each.redis.mend()


async def redis_restarted(stage: Stage) -> AsyncIterator[Finding]:
    await stage.site.redis.restart()
    await asyncio.sleep(2)
    await stage.site.redis.flush()
    yield said("Redis restarted, then flushed", "done")


async def rolled(stage: Stage) -> AsyncIterator[Finding]:
    """A rolling restart of a server that has several processes."""
    server = stage.site.any_server()
    if not server.is_its_own_keeper:
        yield said("rolling restart", "left out: no server has several processes")
        return
    before = set(server.pids)
    server.roll()
    taken = await stage.seconds_until(lambda: not before & set(server.pids), 120)
    yield stage.within("rolling restart: all processes are new after", taken, 60)


def paused(seconds: float) -> Scene:
    async def scene(stage: Stage) -> AsyncIterator[Finding]:
        server = stage.site.any_server()
        pid = server.send_signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            server.resume(pid)
        yield said(f"a process stopped for {seconds:g} s", "went on")

    return scene


async def terminated(stage: Stage) -> AsyncIterator[Finding]:
    await stage.site.postgres.terminate_all()
    yield said("pg_terminate_backend of all", "done")


async def postgres_restarted(stage: Stage) -> AsyncIterator[Finding]:
    await stage.site.postgres.restart()
    yield said("PostgreSQL restarted", "done")


async def postgres_crashed(stage: Stage) -> AsyncIterator[Finding]:
    await stage.site.postgres.stop(signal.SIGQUIT)
    await asyncio.sleep(1)
    await stage.site.postgres.start()
    yield said("PostgreSQL stopped without a shutdown, and started", "done")


def database_away(seconds: float, *, held: bool) -> Scene:
    """Nobody reaches the database: nothing is interrupted by that, and no word of what runs is lost."""

    async def scene(stage: Stage) -> AsyncIterator[Finding]:
        servers = stage.site.servers
        how = f"database {'a black hole' if held else 'away'} for {seconds:g} s"
        replies = [await stage.long_reply(server, tokens=int(20 * (seconds + 10))) for server in servers]
        before = await stage.of_status("interrupted")
        page = stage.witness.open(servers=servers)
        await page.until(lambda _: page.is_connected, 10)
        asked = asyncio.create_task(stage.witness.seconds_to_refusal(page))
        for server in servers:
            (server.database.hold if held else server.database.cut)()
        try:
            await asyncio.sleep(seconds)
        finally:
            for server in servers:
                server.database.mend()
        refused = await asked
        if refused is not None:
            yield stage.within(f"{how}: a question was refused after", refused, 4)
        await asyncio.gather(*(reply.settled(60) for reply in replies))
        await asyncio.sleep(6)  # in which a sweep would have come
        yield exactly(f"{how}: interrupted", len(await stage.of_status("interrupted") - before), 0)
        statuses = await asyncio.to_thread(stage.rows.statuses, [reply.id for reply in replies])
        complete = sum(status == "completed" for status in statuses.values())
        yield exactly(f"{how}: replies complete of those that ran", complete, len(replies))

    return scene


def cut(which: str, seconds: float) -> Scene:
    """The network between one server and a service is cut."""

    async def scene(stage: Stage) -> AsyncIterator[Finding]:
        server = stage.site.any_server()
        proxy = server.redis if which == "Redis" else server.database
        with proxy.mended_afterwards():
            proxy.cut()
            await asyncio.sleep(seconds)
        yield said(f"network of one server to {which} cut for {seconds:g} s", "done")

    return scene


def slow(seconds: float) -> Scene:
    async def scene(stage: Stage) -> AsyncIterator[Finding]:
        server = stage.site.any_server()
        with server.database.mended_afterwards(), server.redis.mended_afterwards():
            server.database.slow(0.05)
            server.redis.slow(0.05)
            await asyncio.sleep(seconds)
        yield said(f"network of one server slow for {seconds:g} s", "done")

    return scene


def disk_full(seconds: float) -> Scene:
    async def scene(stage: Stage) -> AsyncIterator[Finding]:
        if not stage.disk.is_small:
            yield said("disk full", "left out: a tmpfs cannot be mounted here")
            return
        with stage.disk.full():
            await asyncio.sleep(seconds)
        await stage.site.postgres.revive()
        yield said(f"disk of PostgreSQL full for {seconds:g} s", "done")

    return scene


def clock_jumps(seconds: float) -> Scene:
    """The clock of one server jumps an hour ahead, then an hour back."""

    async def scene(stage: Stage) -> AsyncIterator[Finding]:
        server = stage.site.servers[-1]
        if not server.has_jumpy_clock:
            yield said(
                "clock jump", "left out: libfaketime is not installed, or no process would have it alone"
            )
            return
        before = await stage.of_status("interrupted")
        for off in (3600, -3600, 0):
            server.jump(off)
            await asyncio.sleep(seconds)
        found = await stage.of_status("interrupted") - before
        yield exactly("clock of one server an hour ahead, then back: interrupted", len(found), 0)

    return scene
