"""The Redis that cache and channel layer use where `REDIS_URL` is set. The only importer of its client."""

import socket
from typing import Any, Final

from redis import Redis, RedisError
from redis.asyncio import Redis as Client
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.retry import Retry as BlockingRetry

__all__ = ["AWAY", "CACHE_OPTIONS", "Client", "Pipeline", "RedisError", "connect", "layer_host", "ping"]

TIMEOUT_SECONDS: Final = 5
ANSWER_SECONDS: Final = 1.0
"""Time for a connection, and for an answer: what waits for Redis has another way, by the database."""
AWAY: Final = (RedisError, OSError)
"""Errors of a server that is away, or hangs."""
CACHE_OPTIONS: Final[dict[str, Any]] = {
    "socket_connect_timeout": ANSWER_SECONDS,
    "socket_timeout": ANSWER_SECONDS,
    "retry": BlockingRetry(NoBackoff(), 0),
}
"""Options of the cache's connections: whoever signs in has no time for more than one try."""
KEEPALIVE: Final = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 2, "TCP_KEEPCNT": 3}
"""Options of TCP: a server that vanished without a word is given up after some ten seconds."""


def layer_host(url: str) -> dict[str, Any]:
    """Return where the channel layer connects to, and how.

    It listens on a connection on which it sends nothing: once Redis had moved to another machine it would
    listen to the old one for ever.
    """
    if url.startswith("unix:"):
        return {"address": url}
    options = {getattr(socket, name): value for name, value in KEEPALIVE.items() if hasattr(socket, name)}
    return {"address": url, "socket_keepalive": True, "socket_keepalive_options": options}


def ping(url: str) -> None:
    """Ask the server for a sign of life. Raises RedisError; ValueError where `url` is not an address."""
    client = Redis.from_url(url, socket_connect_timeout=TIMEOUT_SECONDS, socket_timeout=TIMEOUT_SECONDS)
    with client:
        client.ping()


def connect(url: str) -> Client:
    """Return a client that connects when it is first used. Its calls raise the errors of AWAY in time."""
    client: Client = Client.from_url(
        url,
        socket_connect_timeout=ANSWER_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    return client
