"""uvicorn with this product's protocols, and an end at which pages come back elsewhere before replies end."""

import asyncio
import contextlib
import gc
import logging
import math
import signal
import socket
import sys
from typing import Final

import uvicorn
from django.db import connection

from vision_chat.commands import MAX_FRAME_BYTES
from vision_chat.conf import Config
from vision_chat.server.crowd import raise_descriptor_limit
from vision_chat.server.metrics_port import record_metrics
from vision_chat.server.occasional import OccasionalRecords
from vision_chat.server.protocols import GuardedHttp, GuardedSocket
from vision_chat.server.runtime import Runtime
from vision_chat.server.workers.lifeline import Lifeline
from vision_chat.server.workers.supervisor import FAILED
from vision_chat.services.site import relay
from vision_chat.services.spans import spans

logger = logging.getLogger(__name__)

SWITCH_SECONDS: Final = 0.0005
"""A tenth of Python's own: beside three long pages a question took 0.6 s with that, and 0.2 with this."""
REQUEST_SECONDS: Final = 5
"""Time that requests have at the end, and sockets to be told, where SHUTDOWN_GRACE is shorter."""
LOOK_SECONDS: Final = 0.1
SOCKETS_PER_SECOND: Final = 200
"""Sockets that are told to come back: as many as other processes can take beside their work."""


class DrainingServer(uvicorn.Server):
    """A server that drains: no new turns, sockets are told to come back, running replies get their grace.

    `lifeline` leads to the supervisor, where there is one.
    """

    def __init__(self, prepared: uvicorn.Config, config: Config, lifeline: Lifeline | None = None) -> None:
        super().__init__(prepared)
        self._config = config
        self._lifeline = lifeline
        self._showing_life: asyncio.Task[None] | None = None
        self._is_replaced = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        if self._lifeline is not None:
            self._showing_life = asyncio.create_task(self._lifeline.run(self._make_room))
            logger.info("This worker serves")
        else:
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._hang_up)

    def _hang_up(self) -> None:
        """End with the terminal; elsewhere the signal means a reload, which one process alone cannot do."""
        if sys.stdin is not None and sys.stdin.isatty():
            self.should_exit = True
            return
        logger.warning("SIGHUP is ignored: only a server that is started with --workers can be reloaded")

    def _make_room(self) -> None:
        self._is_replaced = self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        runtime: Runtime = self.lifespan.state["runtime"]
        runtime.is_leaving.set()
        delay = 0.0 if self._is_replaced else self._config.shutdown_delay
        logger.info("%s; /readyz answers 503", self._why_it_ends(delay))
        await asyncio.sleep(delay)
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + seconds_to_end(self._config)
        logger.info(
            "No new turns; running replies: %d, which have %g s to end",
            runtime.runner.counts().running,
            self._config.shutdown_grace,
        )
        runtime.runner.close_door(self._config.shutdown_grace)
        if self._config.has_many_processes:
            self._close_port()
            await relay.send_away(SOCKETS_PER_SECOND, ends_at - loop.time())
        else:
            await self._until_none_runs(runtime)
            self._close_port()
        self.config.timeout_graceful_shutdown = max(1, math.ceil(ends_at - loop.time()))
        await super().shutdown(sockets)
        logger.info("All that ran has ended or is saved")
        if self._showing_life is not None:
            self._showing_life.cancel()

    def _why_it_ends(self, delay: float) -> str:
        if self._is_replaced:
            return "This worker ends, because another one has its place"
        return f"Told to end{f': in {delay:g} s' if delay else ''}"

    def _close_port(self) -> None:
        for server in self.servers:
            server.close()

    async def _until_none_runs(self, runtime: Runtime) -> None:
        """Wait for running replies that no other process can show: their pages stay connected meanwhile.

        Whoever asks for something new reads that the server is restarting.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._config.shutdown_grace):
                while runtime.runner.counts().running and not self.force_exit:  # noqa: ASYNC110 - no event
                    await asyncio.sleep(LOOK_SECONDS)


def seconds_to_end(config: Config) -> float:
    """Return how long requests and replies may go on after the door was closed."""
    return max(REQUEST_SECONDS, config.shutdown_grace)


def serve(config: Config, listener: socket.socket, lifeline: Lifeline | None = None) -> None:
    """Serve until Ctrl-C, SIGTERM, or the supervisor's word."""
    connection.close()
    raise_descriptor_limit()
    record_metrics()
    spans.start(config.traces_url)
    prepared = uvicorn.Config(
        "chatsite.asgi:application",
        loop="uvloop",
        http=GuardedHttp,
        ws=GuardedSocket,
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,  # the settings say how lines look, and what is left out of them
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # `chatsite.asgi` reads them, once it has looked who sends them
    )
    # a line for each malformed request would let anybody fill the disk
    logging.getLogger("uvicorn.error").addFilter(OccasionalRecords())
    # while Redis is away this one writes a traceback each second
    logging.getLogger("channels_redis.pubsub").addFilter(OccasionalRecords(logging.ERROR))
    prepared.load()
    # modules never become garbage; searching them takes 25 ms, during which all answers stall
    gc.freeze()
    # while a thread computes, every answer of the database waits so long until Python goes on with it
    sys.setswitchinterval(SWITCH_SECONDS)
    server = DrainingServer(prepared, config, lifeline)
    try:
        server.run(sockets=[listener])
    finally:  # uvicorn raises the signal again
        spans.stop()
    if not server.started:
        sys.exit(FAILED)
