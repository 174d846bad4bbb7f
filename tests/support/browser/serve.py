"""`manage.py serve` for browser tests: to it, the site at TEST_WEB_PORT is the whole web."""

import os
import sys
from collections.abc import Sequence
from ipaddress import ip_address
from unittest.mock import patch

import django
from django.core.management import execute_from_command_line

from tests.support.web_server import PUBLIC_ADDRESS
from vision_chat.services.fetching.fetcher import Fetcher, FetchLimits
from vision_chat.services.fetching.rules import Rules


async def look_up(host: str, port: int) -> Sequence[str]:
    return [PUBLIC_ADDRESS]


def fetcher(limits: FetchLimits) -> Fetcher:
    port = int(os.environ["TEST_WEB_PORT"])
    return Fetcher(limits, Rules(frozenset({port}), lambda one: one == ip_address(PUBLIC_ADDRESS)), look_up)


if __name__ == "__main__":
    django.setup()
    # no setting opens the guard of a server, so that of this process is replaced
    with patch("vision_chat.server.assembly.Fetcher", fetcher):
        execute_from_command_line(sys.argv)  # a worker is started by the same name
