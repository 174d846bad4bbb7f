"""Sets what the product reads from the environment: nothing of a developer's own reaches the tests."""

import os
import socket
import tempfile
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from vision_chat import conf

IS_NEIGHBOUR = "TEST_IS_NEIGHBOUR"
"""The variable of a second server's process, which takes the settings of the tests as they are."""


class Recorder(dict[str, str]):
    """An empty environment that remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return default


@cache
def names_of_settings() -> frozenset[str]:
    recorder = Recorder()
    with tempfile.TemporaryDirectory() as folder:
        conf.load(recorder, Path(folder))
    return frozenset(recorder.asked | {"ENV_FILE"})


def is_setting(name: str) -> bool:
    return name in names_of_settings() or name.startswith(conf.KEY_VARIABLES)


def without_settings() -> dict[str, str]:
    """The environment, for a program that starts with the product's defaults."""
    return {name: value for name, value in os.environ.items() if not is_setting(name)}


def redis_database(url: str) -> str:
    """The Redis database of this test process: as many after the one in `url` as its worker's number."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    parts = urlsplit(url)
    return parts._replace(path=f"/{int(parts.path.strip('/') or 0) + worker}").geturl()


def s3_settings() -> dict[str, str]:
    """The settings of a small S3 on a free port, which the fixture `_s3_of_all_tests` starts."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return {
        "MEDIA_S3_BUCKET": "chat-pictures",
        "MEDIA_S3_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "MEDIA_S3_REGION": "us-east-1",
        "MEDIA_S3_ACCESS_KEY": "a",
        "MEDIA_S3_SECRET_KEY": "not-asked-for",
    }
