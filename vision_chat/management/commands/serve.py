"""`manage.py serve`: prepare the database and the static files, then run the server."""

import contextlib
import fcntl
import gc
import logging
import os
import signal
import socket
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any

import uvicorn
from django.conf import settings
from django.core import checks
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError

from vision_chat.conf import Config
from vision_chat.events import MAX_FRAME_BYTES
from vision_chat.server.crowd import raise_descriptor_limit
from vision_chat.server.defaults import model_name_of
from vision_chat.server.metrics_port import address_of, record_metrics, serve_metrics
from vision_chat.server.occasional import OccasionalRecords
from vision_chat.server.protocols import GuardedHttp, GuardedSocket
from vision_chat.server.static_files import collect
from vision_chat.services import redis
from vision_chat.services.accounts import setup
from vision_chat.services.database_threads import are_held_up

FIRST_RELEASE = ("vision_chat", "0001_initial")
"""The one migration of release 0.1.0, whose tables this release does not have."""


SWITCH_SECONDS = 0.0005
"""A tenth of Python's own: beside three long pages a question took 0.6 s with that, and 0.2 with this."""


class Command(BaseCommand):
    help = "Migrate the database, collect changed static files, print the address and serve."
    requires_system_checks = ["models"]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        config: Config = settings.VISION_CHAT
        # as Ctrl-C, also before uvicorn runs; uvicorn raises the signal again after its own shutdown
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt):
            self._serve(config, listen(options["host"], options["port"]))
        if are_held_up():
            # Python would wait for the other process's lock once more, to close the connections
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)

    def _serve(self, config: Config, listener: socket.socket) -> None:
        with listener, lock_data_folder(config), serve_metrics(config):
            prepare_database()
            for message in checks.run_checks(tags=[checks.Tags.database], databases=[DEFAULT_DB_ALIAS]):
                self.stderr.write(str(message))
            check_redis(config)
            collect_static_files(config)
            for line in startup_lines(config, listener):
                self.stdout.write(line)
            self.stdout.flush()  # a service manager reads a pipe, which is buffered
            run(config, listener)


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


def prepare_database() -> None:
    """Apply missing migrations. Costs one query where there are none. Raises CommandError."""
    try:
        connect_once()
        executor = MigrationExecutor(connection)
        if FIRST_RELEASE in executor.loader.applied_migrations:
            raise CommandError(
                "The database was made by release 0.1.0, which this release cannot read. "
                "Set DATA_DIR to a new folder, or DATABASE_URL to an empty database."
            )
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)
    except DatabaseError as error:
        raise CommandError(f"The database cannot be used: {str(error).strip()}") from error


def connect_once() -> None:
    """Connect without the pool, which tries for ten seconds and does not say what was wrong."""
    direct = connection.copy(alias=NO_DB_ALIAS)
    try:
        direct.ensure_connection()
    finally:
        direct.close()


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
    """Return the lines with a new set-up link, none where there is an account."""
    if not setup.is_open():
        return []
    return [
        f"Set up:      {address}/setup/{setup.renew_token()}/",
        "             Open this link once to create the administrator.",
    ]


def run(config: Config, listener: socket.socket) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    connection.close()
    raise_descriptor_limit()
    record_metrics(config)
    prepared = uvicorn.Config(
        "chatsite.asgi:application",
        loop="uvloop",
        http=GuardedHttp,
        ws=GuardedSocket,
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # `chatsite.asgi` reads them, once it has looked who sends them
        timeout_graceful_shutdown=5,
    )
    # a line for each malformed request would let anybody fill the disk
    logging.getLogger("uvicorn.error").addFilter(OccasionalRecords())
    prepared.load()
    # modules never become garbage; searching them takes 25 ms, during which all answers stall
    gc.freeze()
    # while a thread computes, every answer of the database waits so long until Python goes on with it
    sys.setswitchinterval(SWITCH_SECONDS)
    server = uvicorn.Server(prepared)
    server.run(sockets=[listener])
    if not server.started:
        sys.exit(3)
