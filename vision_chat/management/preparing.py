"""What is done before the server runs: the port, the database, the static files. Each says what is wrong."""

import contextlib
import fcntl
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.backends.base.base import NO_DB_ALIAS, BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError

from vision_chat.conf import Config
from vision_chat.models import UploadedImage
from vision_chat.server.defaults import model_name_of
from vision_chat.server.metrics_port import address_of
from vision_chat.server.static_files import collect
from vision_chat.services.accounts import setup
from vision_chat.services.files import share
from vision_chat.services.site import redis, secret_key

FIRST_RELEASE: Final = ("vision_chat", "0001_initial")
"""The one migration of release 0.1.0, whose tables this release does not have."""
PREPARATION_LOCK: Final = 0x766973696F6E
"""The advisory lock of PostgreSQL under which a server prepares the database: any number, always the same."""
SOUGHT: Final = 20
"""Pictures that are looked for in a shared folder: some of them may be lost."""
LOCK_SECONDS: Final = 0.1
PATIENCE_SECONDS: Final = 1.0
"""Time after which it is said that a server waits: most often there is nothing to prepare."""

Say = Callable[[str], None]
"""Prints a line for whoever starts the server."""


def listen(host: str, port: int) -> socket.socket:
    """Bind the port, before anything else, so that a port in use is reported at once. Raises CommandError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # on some systems SO_REUSEADDR binds a port that another server listens on, and only this fails
        listener.listen(1024)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        way_out = f"Try another port: make run PORT={port + 1 if 0 < port < 65535 else 8000}"
        raise CommandError(f"Cannot listen on {host}:{port}: {reason}. {way_out}") from error
    return listener


def lock_data_folder(config: Config) -> IO[str]:
    """Hold the data folder's lock while the returned file is open, unless several processes may share it.

    Otherwise two servers would settle each other's running replies as interrupted. Raises CommandError.
    """
    path = config.data_dir / "server.lock"
    try:
        lock = path.open("a")
    except OSError as error:
        problem = (
            f"DATA_DIR {config.data_dir} cannot be written to ({error.strerror}): choose another folder."
        )
        raise CommandError(problem) from error
    if config.has_many_processes:
        return lock
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        problem = (
            f"Another server already uses the data folder {config.data_dir}. "
            "Stop it, or set DATA_DIR to another folder."
        )
        raise CommandError(problem) from error
    return lock


def prepare(config: Config, say: Say) -> None:
    """Bring database and static files up to date. Raises CommandError and ConfigurationError."""
    prepare_database(config, say)
    collect_static_files(config)


def prepare_database(config: Config, say: Say) -> None:
    """Apply missing migrations, and compare SECRET_KEY. Raises CommandError and ConfigurationError.

    Costs a few queries where there is nothing to do. Of servers that start at once, one does it.
    """
    try:
        with _preparing_alone(say):
            _migrate()
            secret_key.confirm(others_may_run=config.has_many_processes)
    except DatabaseError as error:
        raise CommandError(why_not_usable(config, error)) from error


def why_not_usable(config: Config, error: DatabaseError) -> str:
    """Return a line that says which setting names the database, and what it answers."""
    database = "database of DATABASE_URL" if config.database_url.startswith("postgres") else "database"
    return f"The {database} cannot be used: {' '.join(str(error).split())}"


def _migrate() -> None:
    executor = MigrationExecutor(connection)
    if FIRST_RELEASE in executor.loader.applied_migrations:
        raise CommandError(
            "The database was made by release 0.1.0, which this release cannot read. "
            "Set DATA_DIR to a new folder, or DATABASE_URL to an empty database."
        )
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)


@contextlib.contextmanager
def _preparing_alone(say: Say) -> Iterator[None]:
    """Hold the lock, which ends with the connection: one without the pool.

    The pool tries for ten seconds, and does not say what was wrong.
    """
    direct = connection.copy(alias=NO_DB_ALIAS)
    try:
        direct.ensure_connection()
        if direct.vendor == "postgresql":
            _wait_for_lock(direct, say)
        yield
    finally:
        direct.close()


def _wait_for_lock(direct: BaseDatabaseWrapper, say: Say) -> None:
    says_at = time.monotonic() + PATIENCE_SECONDS
    while not _try_lock(direct):
        if time.monotonic() > says_at:
            says_at = float("inf")
            say("Another server prepares the database. Waiting for it.")
        time.sleep(LOCK_SECONDS)


def _try_lock(direct: BaseDatabaseWrapper) -> bool:
    with direct.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [PREPARATION_LOCK])
        return bool(cursor.fetchone()[0])


def collect_static_files(config: Config) -> None:
    """Collect static files where they have changed. Raises CommandError."""
    try:
        collect(Path(settings.STATIC_ROOT))
    except OSError as error:
        problem = f"DATA_DIR {config.data_dir} cannot be written to ({error.strerror}): {error.filename}."
        raise CommandError(problem) from error


def check_redis(config: Config) -> None:
    """Fail at the start where Redis is away, instead of at each socket. Raises CommandError."""
    if not config.redis_url:
        return
    try:
        redis.ping(config.redis_url)
    except (redis.RedisError, ValueError) as error:
        raise CommandError(f"The Redis server of REDIS_URL cannot be used: {error}") from error


def check_files(config: Config) -> None:
    """Fail at the start where the bucket or the shared folder of the pictures cannot be used.

    Called once the database is prepared. Raises CommandError.
    """
    if not config.s3_bucket:
        if config.shared_media_dir:
            _check_share(config.shared_media_dir)
        return
    try:
        default_storage.check()  # type: ignore[attr-defined]  # of S3Files
    except OSError as error:
        raise CommandError(f"The bucket of MEDIA_S3_BUCKET cannot be used: {error.strerror}.") from error


def _check_share(folder: Path) -> None:
    """Mark a shared folder at its first use. It is not made: it may be that it is not mounted."""
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise CommandError(
            f"MEDIA_DIR {folder} is not there, or cannot be written to: mount or make it first."
        )
    newest = UploadedImage.objects.order_by("-pk").values_list("original", flat=True)[:SOUGHT]
    if not share.is_marked(folder) and not share.mark(folder, newest):
        raise CommandError(
            f"MEDIA_DIR {folder} has none of the newest pictures: mount it, or copy them there, first. "
            f"Where they are lost, make an empty file {share.MARK} in it."
        )


def startup_lines(config: Config, listener: socket.socket) -> list[str]:
    """Return the lines that are printed at the start: first how to set the server up, where it needs that."""
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    address = config.public_url or f"http://{'127.0.0.1' if host == '0.0.0.0' else shown}:{port}"  # noqa: S104
    endpoint = "the built-in demo, not a language model; set AIMLAPI_KEY to use the real one"
    lines = [
        f"Address:     {address}/",
        f"Data folder: {config.data_dir}",
        *metrics_lines(config),
        f"Model:       {model_name_of(config)}",
        f"Endpoint:    {endpoint if config.demo else config.endpoint_base_url}",
    ]
    return [*setup_lines(address), *lines]


def metrics_lines(config: Config) -> list[str]:
    """Return the line that says where Prometheus reads, where it may."""
    if not config.metrics_port:
        return []
    return [f"Metrics:     {address_of(config)}"]


def setup_lines(address: str) -> list[str]:
    """Return the lines with the set-up link, none where there is an account."""
    if not setup.is_open():
        return []
    return [
        f"Set up:      {address}/setup/{setup.current_token()}/",
        "             Open this link once to create the administrator.",
    ]
