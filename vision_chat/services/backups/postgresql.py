"""PostgreSQL's own tools, pg_dump and pg_restore: found, held against the server, and run."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from tempfile import TemporaryFile
from typing import IO, Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper

from vision_chat.errors.backups import BackupError
from vision_chat.services.backups.archive import PIECE, Readable

TICK_SECONDS: Final = 1.0
Tick = Callable[[], None]


def require(tool: str, server_version: int) -> None:
    """Raise BackupError where the tool is missing, or older than this server, such as 15.

    Versions of the archive fit each other from the older tool to the newer one, not back.
    """
    if shutil.which(tool) is None:
        raise BackupError(
            problem=f"{tool} is not installed. Install the client of PostgreSQL {server_version} or newer, "
            f"such as the package postgresql-client-{server_version}."
        )
    said = subprocess.run([tool, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - no shell
    found = re.search(r"\) (\d+)", said)
    if found is None or int(found[1]) < server_version:
        raise BackupError(
            problem=f"{said.strip() or tool} is older than the server, which is PostgreSQL {server_version}. "
            f"Install the client of that version or a newer one, and let PATH begin with its folder."
        )


def major_version(database: BaseDatabaseWrapper) -> int:
    with database.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10000


def dump(settings: Mapping[str, Any], snapshot: str, into: IO[bytes], tick: Tick) -> None:
    """Write the database as it is in this snapshot. `tick` is called each second."""
    command = ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    _run(command, settings, tick, stdout=into)


def load(settings: Mapping[str, Any], source: Readable) -> None:
    """Read a dump into an empty database, all or nothing."""
    options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    command = ["pg_restore", *options, f"--dbname={settings['NAME']}"]
    _run(command, settings, lambda: None, source=source)


def _run(
    command: Sequence[str],
    settings: Mapping[str, Any],
    tick: Tick,
    *,
    source: Readable | None = None,
    stdout: IO[bytes] | None = None,
) -> None:
    """Run a tool to its end. Raises BackupError with its words."""
    with TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603 - no shell
            [*command, "--no-password"],
            env=_environment(settings),
            stdin=subprocess.PIPE if source else subprocess.DEVNULL,
            stdout=stdout or subprocess.DEVNULL,
            stderr=said,
        )
        with process:
            try:
                if process.stdin is not None and source is not None:
                    _feed(process.stdin, source)
                _wait(process, tick)
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            said.seek(0)
            words = said.read(2000).decode(errors="replace").strip()
            raise BackupError(problem=f"{command[0]} failed: {words}")


def _feed(stdin: IO[bytes], source: Readable) -> None:
    try:
        while piece := source.read(PIECE):
            stdin.write(piece)
        stdin.close()
    except BrokenPipeError:
        pass  # it has ended, and says why


def _wait(process: "subprocess.Popen[bytes]", tick: Tick) -> None:
    while True:
        try:
            process.wait(TICK_SECONDS)
        except subprocess.TimeoutExpired:
            tick()
        else:
            return


def _environment(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment of a tool: where the database is, and the password, which no argument shows."""
    options = settings.get("OPTIONS", {})
    values = {
        "PGDATABASE": settings["NAME"],
        "PGHOST": settings.get("HOST"),
        "PGPORT": settings.get("PORT"),
        "PGUSER": settings.get("USER"),
        "PGPASSWORD": settings.get("PASSWORD"),
        "PGAPPNAME": "vision-chat backup",
        "PGOPTIONS": options.get("options"),
        **{
            f"PG{name.upper()}": options.get(name) for name in ("sslmode", "sslrootcert", "sslcert", "sslkey")
        },
    }
    return dict(os.environ) | {name: str(value) for name, value in values.items() if value}
