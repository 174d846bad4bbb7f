"""`manage.py serve`: prepare the database and the static files, then run the server, or several."""

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import sys
from typing import Any, Final

from django.conf import settings
from django.core import checks
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connection

from vision_chat.conf import Config
from vision_chat.management.preparing import (
    check_files,
    check_redis,
    listen,
    lock_data_folder,
    prepare,
    startup_lines,
)
from vision_chat.server.metrics_port import forget_process, serve_metrics
from vision_chat.server.serving import seconds_to_end, serve
from vision_chat.server.workers.lifeline import Lifeline
from vision_chat.server.workers.process import Starter
from vision_chat.server.workers.supervisor import Supervisor
from vision_chat.services.database_threads import are_held_up
from vision_chat.services.spans import check as check_spans

PATIENCE_SECONDS: Final = 20.0
"""Time that a worker may take to end, beside what the settings give to requests and replies."""


class Command(BaseCommand):
    help = "Migrate the database, collect changed static files, print the address and serve."
    requires_system_checks = ["models"]

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--workers", type=int, help="Number of processes that a further one supervises; without it, none."
        )
        # of the port, and of the lifeline to the supervisor
        parser.add_argument("--inherited", type=int, nargs=2, help=argparse.SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        config: Config = settings.VISION_CHAT
        # as Ctrl-C, also before uvicorn runs; uvicorn raises the signal again after its own shutdown
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        # a reload: whoever begins takes the newest code anyway; a supervisor says later what it means
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with contextlib.suppress(KeyboardInterrupt):
            if options["inherited"]:
                self._work(config, *options["inherited"])
            else:
                workers = options["workers"]
                check_workers(config, workers)
                # one that cannot have others beside it cannot be replaced by one that begins before it ends
                is_supervised = workers is not None and config.has_many_processes
                listener = listen(options["host"], options["port"])
                self._serve(config, listener, workers if is_supervised else None)
        if are_held_up():
            # Python would wait for the other process's lock once more, to close the connections
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)

    def _serve(self, config: Config, listener: socket.socket, workers: int | None) -> None:
        with listener, lock_data_folder(config), serve_metrics(config):
            check_redis(config)  # which takes no time, unlike what an empty database needs
            prepare(config, self.stderr.write)
            for message in checks.run_checks(tags=[checks.Tags.database], databases=[DEFAULT_DB_ALIAS]):
                self.stderr.write(str(message))
            check_files(config)
            check_spans(config.traces_url)
            for line in startup_lines(config, listener):
                self.stdout.write(line)
            self.stdout.flush()  # a service manager reads a pipe, which is buffered
            if workers is None:
                serve(config, listener)
            else:
                supervise(config, listener, workers)

    def _work(self, config: Config, port: int, lifeline: int) -> None:
        """Be a worker: code and database may be newer than the supervisor."""
        with socket.socket(fileno=port) as listener, socket.socket(fileno=lifeline) as end:
            for inherited in (listener, end):
                inherited.set_inheritable(False)
            prepare(config, self.stderr.write)
            check_files(config)
            serve(config, listener, Lifeline(end))


def check_workers(config: Config, workers: int | None) -> None:
    """Raise CommandError where so many processes cannot serve this site, with what is missing."""
    if workers is None:
        return
    if workers < 1:
        raise CommandError("--workers must be at least 1.")
    needed = {
        "DATABASE_URL (PostgreSQL)": config.database_url.startswith("postgres"),
        "REDIS_URL": bool(config.redis_url),
    }
    missing = [name for name, is_there in needed.items() if not is_there]
    if workers > 1 and missing:
        raise CommandError(
            f"Several workers share a database and Redis: set {' and '.join(missing)}, or serve with one."
        )


def supervise(config: Config, listener: socket.socket, workers: int) -> None:
    """Keep workers alive until SIGTERM or Ctrl-C."""
    connection.close()
    close_pool()
    starter = Starter([sys.argv[0], "serve"], listener, forget_process)

    async def run() -> int:
        return await Supervisor(workers, starter, patience_of(config), listener.close).run()

    if code := asyncio.run(run()):
        sys.exit(code)


def patience_of(config: Config) -> float:
    """Return how long a worker that was told to end may take before it is killed."""
    return PATIENCE_SECONDS + config.shutdown_delay + seconds_to_end(config)


def close_pool() -> None:
    """Close the connections that a pool holds, where the database has one: a supervisor asks nothing."""
    if hasattr(connection, "close_pool"):
        connection.close_pool()
