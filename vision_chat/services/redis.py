"""The Redis that cache and channel layer use where `REDIS_URL` is set. The only importer of its client."""

from redis import Redis, RedisError

__all__ = ["RedisError", "ping"]

TIMEOUT_SECONDS = 5


def ping(url: str) -> None:
    """Ask the server for a sign of life. Raises RedisError; ValueError where `url` is not an address."""
    client = Redis.from_url(url, socket_connect_timeout=TIMEOUT_SECONDS, socket_timeout=TIMEOUT_SECONDS)
    with client:
        client.ping()
