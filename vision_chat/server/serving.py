"""uvicorn with this product's protocols, and an end at which pages come back elsewhere before replies end."""

import asyncio
import gc
import logging
import math
import socket
import sys
from typing import Final

import uvicorn
from django.db import connection

from vision_chat.conf import Config
from vision_chat.events import MAX_FRAME_BYTES
from vision_chat.server.crowd import raise_descriptor_limit
from vision_chat.server.metrics_port import record_metrics
from vision_chat.server.occasional import OccasionalRecords
from vision_chat.server.protocols import GuardedHttp, GuardedSocket
from vision_chat.server.runtime import Runtime
from vision_chat.server.workers.link import SupervisorLink
from vision_chat.services.site import relay
from vision_chat.services.spans import spans

SWITCH_SECONDS: Final = 0.0005
"""A tenth of Python's own: beside three long pages a question took 0.6 s with that, and 0.2 with this."""
REQUEST_SECONDS: Final = 5
"""Time that requests have at the end, and sockets to be told, where SHUTDOWN_GRACE is shorter."""
SOCKETS_PER_SECOND: Final = 400
"""Sockets that are told to come back: as many as other processes can take beside their work."""


class DrainingServer(uvicorn.Server):
    """A server that drains: no new turns, sockets are told to come back, running replies get their grace.

    `link` leads to the supervisor, where there is one.
    """

    def __init__(self, prepared: uvicorn.Config, config: Config, link: SupervisorLink | None = None) -> None:
        super().__init__(prepared)
        self._config = config
        self._link = link
        self._showing_life: asyncio.Task[None] | None = None
        self._is_replaced = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._link is not None and self.started:
            self._showing_life = asyncio.create_task(self._link.run(self._make_room))

    def _make_room(self) -> None:
        self._is_replaced = self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        runtime: Runtime = self.lifespan.state["runtime"]
        runtime.is_leaving.set()
        if not self._is_replaced:  # else another worker has this port already
            await asyncio.sleep(self._config.shutdown_delay)
        for server in self.servers:
            server.close()
        runtime.runner.close_door(self._config.shutdown_grace)
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + seconds_to_end(self._config)
        if self._config.has_many_processes:
            await relay.send_away(SOCKETS_PER_SECOND, ends_at - loop.time())
        self.config.timeout_graceful_shutdown = max(1, math.ceil(ends_at - loop.time()))
        await super().shutdown(sockets)
        if self._showing_life is not None:
            self._showing_life.cancel()


def seconds_to_end(config: Config) -> float:
    """Return how long requests and replies may go on after the door was closed."""
    return max(REQUEST_SECONDS, config.shutdown_grace)


def serve(config: Config, listener: socket.socket, link: SupervisorLink | None = None) -> None:
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
    prepared.load()
    # modules never become garbage; searching them takes 25 ms, during which all answers stall
    gc.freeze()
    # while a thread computes, every answer of the database waits so long until Python goes on with it
    sys.setswitchinterval(SWITCH_SECONDS)
    server = DrainingServer(prepared, config, link)
    try:
        server.run(sockets=[listener])
    finally:  # uvicorn raises the signal again
        spans.stop()
    if not server.started:
        sys.exit(3)
