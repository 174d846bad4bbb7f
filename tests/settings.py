"""The product's settings, on a data folder of this process and on what TEST_* variables name.

A developer's `.env` and environment must not reach the tests. Where tests run in several processes
(pytest-xdist), each has a data folder, a Redis database and a channel prefix of its own; pytest-django names
their databases apart.
"""

import atexit
import os
import shutil
import tempfile
from typing import Any

from tests.support.environment import IS_NEIGHBOUR, is_setting, redis_database, s3_settings

if IS_NEIGHBOUR not in os.environ:  # else they are those of the process that started it
    for _name in filter(is_setting, list(os.environ)):
        del os.environ[_name]
    os.environ["ENV_FILE"] = "tests/no.env"
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="vision-chat-tests-")
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
    if os.environ.get("TEST_ON_SERVICES"):
        os.environ["DATABASE_URL"] = os.environ["TEST_POSTGRES_URL"]
        os.environ["REDIS_URL"] = redis_database(os.environ["TEST_REDIS_URL"])
    if os.environ.get("TEST_S3"):
        os.environ.update(s3_settings())

from chatsite.settings import *  # noqa: F403
from chatsite.settings import CACHES, CHANNEL_LAYERS, DATABASES, STORAGES, VISION_CHAT

if "sqlite" in DATABASES["default"]["ENGINE"]:
    # a file, as in the product: threads share it through WAL, which memory has not
    DATABASES["default"]["TEST"] = {"NAME": str(VISION_CHAT.data_dir / "test.sqlite3")}
if VISION_CHAT.redis_url:
    # Redis publishes across its databases
    _layer: dict[str, Any] = CHANNEL_LAYERS["default"]["CONFIG"]  # type: ignore[assignment]
    _layer["prefix"] = VISION_CHAT.data_dir.name
    del CACHES["default"]["KEY_FUNCTION"]  # it reads the site's id, but not every test has a database
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # hundreds of users are made
# hashed names need collecting, which the tests of static files and of the browser do for themselves
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
