"""Static files: collected under hashed names, compressed, served in front of Django.

WhiteNoise's middleware is synchronous: under ASGI it costs four times as much as asking its file index
directly, as is done here; see docs/decisions/0004-static-files.md.
"""

import fcntl
import hashlib
import json
import posixpath
import re
import shutil
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import django
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.management.commands import collectstatic
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.base import ContentFile
from django.core.management import call_command
from whitenoise import WhiteNoise
from whitenoise.compress import Compressor
from whitenoise.responders import StaticFile

FLAT = ("css/app.css", "css/admin.css", "css/dialogs.css", "css/later.css")
"""The sheets that import the others, which become part of them."""
IMPORT = re.compile(
    r"""@import (?:url\()?["'](?P<name>[\w./-]+)["']\)?(?: layer\((?P<layer>[\w.-]+)\))?;\n?"""
)
ADDRESS = re.compile(r"""(?<!@import )url\((?P<quote>["']?)(?P<name>[\w.-][\w./-]*)(?P=quote)\)""")
COMMENT = re.compile(r"^ *(?://.*|/\*(?s:.*?)\*/)$", re.MULTILINE)
INDENTATION = re.compile(r"^ +", re.MULTILINE)
HASHED_NAME = re.compile(r"\.[0-9a-f]{12}\.")
VALIDATORS = {"ETag", "Last-Modified"}
STAMP = ".collected"


class HashedStaticFilesStorage(ManifestStaticFilesStorage):
    """Storage with hashed names, also in imports of modules. Flattens sheets, removes comments."""

    support_js_module_import_aggregation = True

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Any:  # noqa: FBT001, FBT002 - as Django has it
        if not dry_run:
            own = [name for name in paths if name.startswith(("css/", "js/"))]
            for name in own:
                self._rewrite(name, _terse)
            for name in filter(paths.__contains__, FLAT):
                self._rewrite(name, partial(self._flat, folder=posixpath.dirname(name)))
            paths |= {name: (self, name) for name in own}  # hash the rewritten files, not their sources
        yield from super().post_process(paths, dry_run, **options)

    def _flat(self, sheet: str, folder: str, way: str = "") -> str:
        """Return `sheet` with each `@import` replaced by that sheet: one request instead of twenty.

        `way` leads from the outermost sheet to `folder`, where this one lies, and goes before its addresses.
        """

        def inlined(match: re.Match[str]) -> str:
            path = posixpath.normpath(posixpath.join(folder, match["name"]))
            with self.open(path) as file:
                text = file.read().decode()
            there = posixpath.join(way, posixpath.dirname(match["name"]))
            text = self._flat(text, posixpath.dirname(path), there)
            return f"@layer {match['layer']} {{\n{text}}}\n" if match["layer"] else text

        def moved(match: re.Match[str]) -> str:
            return f"url({posixpath.normpath(posixpath.join(way, match['name']))})"

        return IMPORT.sub(inlined, ADDRESS.sub(moved, sheet))

    def _rewrite(self, name: str, change: Callable[[str], str]) -> None:
        with self.open(name) as file:
            text = change(file.read().decode())
        self.delete(name)
        self.save(name, ContentFile(text.encode()))


def _terse(source: str) -> str:
    """Empty the lines of comments, and take indentation away. Lines keep their numbers, for stack traces."""
    return INDENTATION.sub("", COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), source))


def collect(root: Path) -> bool:
    """Collect and compress into `root`. Returns False where nothing had changed and nothing was done.

    Of processes that start at once one does it. What pages of the collection before ask for stays.
    """
    root.mkdir(parents=True, exist_ok=True)
    with root.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp, fingerprint = root / STAMP, _fingerprint()
        if stamp.exists() and stamp.read_text() == fingerprint:
            return False
        earlier = _hashed_names(root)
        fresh = root.with_suffix(".new")
        _collect_afresh(fresh)
        (fresh / STAMP).write_text(fingerprint)
        _move_over(fresh, root, kept=earlier)
    return True


def _collect_afresh(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    command = collectstatic.Command()
    command.storage = HashedStaticFilesStorage(location=folder)
    call_command(command, interactive=False, verbosity=0)
    compressor = Compressor(quiet=True)
    for path in folder.rglob("*"):
        # pages request hashed names only
        if path.is_file() and HASHED_NAME.search(path.name) and compressor.should_compress(path.name):
            for _ in compressor.compress(str(path)):
                pass


def _hashed_names(root: Path) -> set[str]:
    """Return what pages ask for of this collection: not what it had kept of the one before."""
    manifest = root / "staticfiles.json"
    return set(json.loads(manifest.read_text())["paths"].values()) if manifest.exists() else set()


def _move_over(fresh: Path, root: Path, kept: AbstractSet[str]) -> None:
    """Put each file in its place, the manifest and the stamp last: others serve from here meanwhile."""
    files = [path.relative_to(fresh) for path in fresh.rglob("*") if path.is_file()]
    files.sort(key=lambda path: len(path.parts) == 1)
    for path in files:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (fresh / path).replace(root / path)
    shutil.rmtree(fresh)
    for path in set(root.rglob("*")) - {root / each for each in files}:
        name = path.relative_to(root).as_posix()
        if path.is_file() and name.removesuffix(".gz").removesuffix(".br") not in kept:
            path.unlink()


def _fingerprint() -> str:
    """Return a digest of the names, sizes and times of all sources; reading them would slow each start."""
    digest = hashlib.sha256(django.__version__.encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            stat = Path(storage.path(name)).stat()
            digest.update(f"{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()


class StaticFiles:
    """ASGI middleware that serves paths under `prefix` from WhiteNoise's index of `root`."""

    def __init__(self, application: ASGI3Application, root: Path, prefix: str) -> None:
        self._application = application
        self._prefix = prefix
        self._root = root
        self._files: dict[str, StaticFile] | None = None

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self._prefix):
            await self._application(scope, receive, send)
            return
        path = unquote(scope["path"])
        file = self._index().get(path)
        if file is None and self._came_later(path):
            self._files = None
            file = self._index().get(path)
        await (_not_found(send) if file is None else _answer(file, scope, send))

    def _came_later(self, path: str) -> bool:
        """Tell whether this file was collected after the index was built: for a process with newer code."""
        name = path.removeprefix(self._prefix)
        is_plain = "\0" not in name and not {"", ".", ".."} & set(name.split("/"))
        return is_plain and bool(HASHED_NAME.search(name)) and (self._root / name).is_file()

    def _index(self) -> dict[str, StaticFile]:
        # built at the first request, after the files have been collected
        if self._files is None:
            whitenoise = WhiteNoise(
                None,
                root=str(self._root),
                prefix=self._prefix,
                max_age=60,
                allow_all_origins=False,
                immutable_file_test=_is_hashed,
                add_headers_function=_add_headers,
            )
            self._files = dict(whitenoise.files)
        return self._files


def _is_hashed(path: str, url: str) -> bool:
    return bool(HASHED_NAME.search(url))


def _add_headers(headers: Any, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"


async def _answer(file: StaticFile, scope: HTTPScope, send: ASGISendCallable) -> None:
    environ = {
        f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}": value.decode("latin-1")
        for name, value in scope["headers"]
    }
    response = file.get_response(scope["method"], environ)
    body = response.file.read() if response.file else b""
    if response.file:
        response.file.close()
    headers = response.headers
    if HASHED_NAME.search(scope["path"]):  # it never changes: nobody need ask whether it has
        headers = [(name, value) for name, value in headers if name not in VALIDATORS]
    await _send(send, response.status.value, headers, body)


async def _not_found(send: ASGISendCallable) -> None:
    await _send(send, 404, [("Content-Type", "text/plain")], b"This file does not exist.")


async def _send(send: ASGISendCallable, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
    encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    if not any(name == b"content-length" for name, _ in encoded):
        encoded.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": encoded, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})
