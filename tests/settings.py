"""The product's settings, on a data folder of this run and on what TEST_* variables name.

A developer's `.env` and environment must not reach the tests.
"""

import os
import tempfile

from tests.support.environment import names_of_settings

for _name in names_of_settings():
    os.environ.pop(_name, None)
os.environ["ENV_FILE"] = "tests/no.env"
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="vision-chat-tests-")
if os.environ.get("TEST_ON_SERVICES"):
    os.environ["DATABASE_URL"] = os.environ["TEST_POSTGRES_URL"]
    os.environ["REDIS_URL"] = os.environ["TEST_REDIS_URL"]

from chatsite.settings import *  # noqa: E402, F403
from chatsite.settings import DATABASES, STORAGES, VISION_CHAT  # noqa: E402

if "sqlite" in DATABASES["default"]["ENGINE"]:
    # a file, as in the product: threads share it through WAL, which memory has not
    DATABASES["default"]["TEST"] = {"NAME": str(VISION_CHAT.data_dir / "test.sqlite3")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # hundreds of users are made
# hashed names need collecting, which the tests of static files and of the browser do for themselves
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
