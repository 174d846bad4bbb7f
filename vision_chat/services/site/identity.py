"""The id of this site, which is part of every name in Redis, so that two sites there stay apart.

It lies in the database, because the processes of one site share the database and nothing else for certain.
"""

import secrets
from functools import cache
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer

from vision_chat.models import Site


@cache
def site_id() -> str:
    """Return the id, from memory once it has been read. The first process of a new database makes it.

    The first call reads the database, so it must not come from the event loop; the runtime makes it at start.
    """
    return site_row().site_id


def site_row() -> Site:
    """Return the row of this site; the first process of a new database makes it."""
    site, _ = Site.objects.get_or_create(pk=1, defaults={"site_id": secrets.token_hex(8)})
    return site


def cache_key(key: str, prefix: str, version: int) -> str:
    """Return the name of a key in the cache, as Django's KEY_FUNCTION."""
    return f"{site_id()}:{prefix}:{version}:{key}"


class SiteChannelLayer(RedisPubSubChannelLayer):  # type: ignore[misc]  # the package ships no types
    """The channel layer of Redis, with channels of this site's own."""

    def __init__(self, **config: Any) -> None:
        if "prefix" not in config:
            config["prefix"] = f"{site_id()}:channels"
        super().__init__(**config)
