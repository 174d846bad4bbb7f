"""How the channel layer connects to Redis."""

import os
import socket

import pytest

from tests.support.environment import redis_database
from vision_chat.services.site.identity import SiteChannelLayer
from vision_chat.services.site.redis import KEEPALIVE, layer_host


@pytest.mark.service("TEST_REDIS_URL")
async def test_the_layer_notices_that_the_server_it_listens_to_has_vanished() -> None:
    url = redis_database(os.environ["TEST_REDIS_URL"])
    layer = SiteChannelLayer(hosts=[layer_host(url)], prefix="test_redis")
    await layer.new_channel()
    [shard] = layer._shards
    listening = shard._pubsub.connection._writer.get_extra_info("socket")

    assert listening.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    for name, seconds in KEEPALIVE.items():
        assert listening.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) == seconds
    await layer.flush()


def test_a_socket_of_the_machine_has_no_options_of_tcp() -> None:
    assert layer_host("unix:///run/redis.sock") == {"address": "unix:///run/redis.sock"}
