"""The code of another commit, in a folder of its own."""

import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from tests.support.paths import ROOT

MIGRATIONS = "vision_chat/migrations"


def newest_with_fewer_migrations() -> str:
    """Return the newest ancestor that lacks some of the migrations, and has no others. Raises LookupError."""
    here = _migrations_of("HEAD")
    for commit in _git("rev-list", "--first-parent", "HEAD", "--", MIGRATIONS).split():
        parent = f"{commit}^"
        if (there := _migrations_of(parent)) and there < here:
            return _git("rev-parse", parent).strip()
    raise LookupError("no older commit has fewer migrations")


def described(ref: str) -> str:
    """Return the commit's short name, day and subject."""
    return _git("log", "-1", "--format=%h of %cs, “%s”", ref).strip()


def newer_migrations(ref: str) -> list[str]:
    return sorted(_migrations_of("HEAD") - _migrations_of(ref))


@contextmanager
def checkout(ref: str) -> Iterator[Path]:
    """Have the files of that commit in a temporary folder."""
    archive = subprocess.run(["git", "archive", ref], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    with tempfile.TemporaryDirectory(prefix="vision-chat-older-") as folder:
        Path(folder).chmod(0o755)
        with tarfile.open(fileobj=BytesIO(archive.stdout)) as files:
            files.extractall(folder, filter="data")
        yield Path(folder)


def give_migrations_of_this(folder: Path) -> None:
    """Let every database that is made there have the schema of here."""
    shutil.rmtree(folder / MIGRATIONS)
    shutil.copytree(ROOT / MIGRATIONS, folder / MIGRATIONS, ignore=shutil.ignore_patterns("__pycache__"))


def _migrations_of(ref: str) -> set[str]:
    names = _git("ls-tree", "--name-only", ref, f"{MIGRATIONS}/").split()
    return {Path(name).stem for name in names if Path(name).stem != "__init__"}


def _git(*arguments: str) -> str:
    found = subprocess.run(["git", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return found.stdout
