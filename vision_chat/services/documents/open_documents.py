"""The documents of which people choose pages just now: in a folder each, until they are given up or too old.

The folder of a document lies in that of its person, so that nobody finds another's. What is in it is all that
is known of it: a process that is started anew, or another one on the same data, goes on with it.
"""

import asyncio
import json
import os
import shutil
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from vision_chat.errors.documents import (
    DocumentError,
    DocumentGoneError,
    DocumentTooManyPagesError,
    TooManyPasswordsError,
)
from vision_chat.errors.images import ImageError
from vision_chat.services.documents import reading
from vision_chat.services.documents.taken import note_taken
from vision_chat.services.images.previews import make_preview
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.sharing.person_turns import PersonTurns
from vision_chat.services.sharing.single_flight import SingleFlight
from vision_chat.services.site.limit import SiteLimit

KEPT_SECONDS: Final = 3600.0
"""Seconds without use after which a document is swept."""
KEPT_DOCUMENTS: Final = 3
"""Documents that a person can have open; a further one takes the place of the oldest."""
MAX_PAGES: Final = 2000
MAX_CHARACTERS: Final = 50_000
"""Most characters of text that are taken at once."""
PASSWORD_TRIES: Final = 10
"""Passwords that a person can try in a minute: nobody types faster."""
BATCH: Final = 12
"""Pages whose previews are drawn together: the process takes about as long to start as to draw them."""
PROCESSES: Final = 1
"""Processes that read at a time: each may take as much memory as a photograph."""

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_DOCUMENT: Final = "document"
_FACTS: Final = "facts.json"


@dataclass(frozen=True, slots=True)
class Document:
    """An open document. `pages` is 0 while it needs a password."""

    id: uuid.UUID
    name: str
    pages: int
    has_text: bool
    format: str = "PDF"


class OpenDocuments:
    """All that people have open in a folder. `now` is the clock of the files' times, in seconds."""

    def __init__(self, folder: Path, images: ImageWorker, now: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._images = images
        self._now = now
        self._turns = PersonTurns("documents", PROCESSES)
        self._tries = SiteLimit("passwords", PASSWORD_TRIES)
        self._previews: SingleFlight[None] = SingleFlight()

    async def open(self, person: int, file: Path, name: str) -> Document:
        """Take a file away from where it lies, and look at it. Raises DocumentErrors."""
        document_id = uuid.uuid4()
        folder = self._of(person) / document_id.hex
        try:
            await asyncio.to_thread(self._take, folder, file)
            return await self._looked_at(person, document_id, name)
        except BaseException:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            raise

    async def unlock(self, person: int, document_id: uuid.UUID, password: str) -> Document:
        """Open a document by its password, which is not kept. Raises DocumentErrors."""
        if not await self._tries.allows(person):
            raise TooManyPasswordsError(limit=self._tries.limit)
        document = await self.find(person, document_id)
        folder = self._folder_of(person, document)
        # files of which another process may write one too have a name of their own until they are whole
        unlocked = folder / uuid.uuid4().hex
        await self._read(person, reading.unlock, folder / _DOCUMENT, password, unlocked)
        await asyncio.to_thread(unlocked.replace, folder / _DOCUMENT)
        return await self._looked_at(person, document_id, document.name)

    async def find(self, person: int, document_id: uuid.UUID) -> Document:
        """Return a document of this person's, which counts as used now. Raises DocumentGoneError."""
        return await asyncio.to_thread(self._find, person, document_id)

    async def preview(self, person: int, document_id: uuid.UUID, page: int) -> bytes | None:
        """Return a small WebP image of a page; None for one that cannot be drawn. Raises DocumentErrors.

        Those beside it are drawn with it.
        """
        document = await self.find(person, document_id)
        file = self._folder_of(person, document) / f"{page}.webp"
        first = page - (page - 1) % BATCH
        batch = range(first, min(first + BATCH, document.pages + 1))
        while not await asyncio.to_thread(file.exists):  # each time at least one more of the batch is done
            await self._previews.run((document_id, first), lambda: self._draw_batch(person, document, batch))
        return await asyncio.to_thread(file.read_bytes) or None

    async def text(self, person: int, document_id: uuid.UUID, pages: list[int]) -> list[str]:
        """Return the text of each of these pages, cut off after MAX_CHARACTERS. Raises DocumentErrors."""
        document = await self.find(person, document_id)
        path = self._folder_of(person, document) / _DOCUMENT
        return await self._read(person, reading.read, path, pages, MAX_CHARACTERS)

    @asynccontextmanager
    async def drawn(self, person: int, document_id: uuid.UUID, page: int) -> AsyncIterator[Path]:
        """Draw a page for models, and keep its file meanwhile. Raises DocumentErrors."""
        document = await self.find(person, document_id)
        path = self._folder_of(person, document) / _DOCUMENT
        async with _folder_beside(path) as folder:
            yield await self._read(person, reading.draw, path, page, folder)

    async def note_taken(self, person: int, document_id: uuid.UUID, image_id: uuid.UUID) -> None:
        """Note that an image is a page of a document, which goes with it where it is redacted and sent."""
        with suppress(FileNotFoundError):  # given up meanwhile
            await asyncio.to_thread(note_taken, self._of(person) / document_id.hex, image_id)

    async def give_up(self, person: int, document_id: uuid.UUID) -> None:
        """Delete a document, where it is still there."""
        await asyncio.to_thread(shutil.rmtree, self._of(person) / document_id.hex, ignore_errors=True)

    async def sweep(self) -> None:
        """Delete what nobody has used for KEPT_SECONDS."""
        await asyncio.to_thread(self._sweep)

    def close(self) -> None:
        """Take no more work."""
        self._turns.close()

    def _of(self, person: int) -> Path:
        return self._folder / str(person)

    def _folder_of(self, person: int, document: Document) -> Path:
        return self._of(person) / document.id.hex

    def _take(self, folder: Path, file: Path) -> None:
        folder.mkdir(mode=0o700, parents=True)
        for older in sorted(folder.parent.iterdir(), key=_used_at)[:-KEPT_DOCUMENTS]:
            shutil.rmtree(older, ignore_errors=True)
        shutil.move(file, folder / _DOCUMENT)

    async def _looked_at(self, person: int, document_id: uuid.UUID, name: str) -> Document:
        folder = self._of(person) / document_id.hex
        facts = await self._read(person, reading.look, folder / _DOCUMENT)
        if facts.pages > MAX_PAGES:
            raise DocumentTooManyPagesError(limit=MAX_PAGES)
        known = json.dumps({"name": name, **asdict(facts)})
        await asyncio.to_thread(_write, folder / _FACTS, known.encode())
        return Document(document_id, name, facts.pages, facts.has_text, facts.format)

    def _find(self, person: int, document_id: uuid.UUID) -> Document:
        folder = self._of(person) / document_id.hex
        try:
            known = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
            used_at = self._now()
            os.utime(folder, (used_at, used_at))
        except OSError as error:
            raise DocumentGoneError from error
        return Document(document_id, **known)

    async def _draw_batch(self, person: int, document: Document, batch: range) -> None:
        """Draw the previews of a batch that are missing, up to one that takes too long."""
        path = self._folder_of(person, document) / _DOCUMENT
        missing = [page for page in batch if not path.with_name(f"{page}.webp").exists()]
        async with _folder_beside(path) as folder:
            try:
                await self._read(person, reading.draw_previews, path, missing, folder)
            except DocumentGoneError:
                raise
            except DocumentError:
                drawn = [page for page in missing if (folder / f"{page}.drawn").exists()]
                # in their order, so that the first of the others is the one that took too long
                missing = missing[: len(drawn) + 1]
            await self._images.run(person, _keep_previews, folder, missing)

    async def _read(
        self,
        person: int,
        function: Callable[Arguments, Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Call a function of `reading` in the person's turn, before which the document may have gone."""
        try:
            return await self._turns.run(person, function, *args, **kwargs)
        except FileNotFoundError as error:
            raise DocumentGoneError from error

    def _sweep(self) -> None:
        oldest = self._now() - KEPT_SECONDS
        for folder in self._folder.glob("*/*"):
            if _used_at(folder) < oldest:
                shutil.rmtree(folder, ignore_errors=True)


def _used_at(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:  # given up at this moment
        return 0.0


@asynccontextmanager
async def _folder_beside(path: Path) -> AsyncIterator[Path]:
    """Make a folder for what is drawn of a document, and delete it afterwards."""
    folder = path.with_name(uuid.uuid4().hex)
    try:
        await asyncio.to_thread(folder.mkdir, mode=0o700)
        yield folder
    except FileNotFoundError as error:  # the document has gone, with its folder
        raise DocumentGoneError from error
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _write(path: Path, data: bytes) -> None:
    """Write a file that is read by others meanwhile."""
    part = path.with_name(uuid.uuid4().hex)
    part.write_bytes(data)
    part.replace(path)


def _keep_previews(folder: Path, pages: list[int]) -> None:
    """Make a preview of each page that is drawn in `folder`; an empty file says that it cannot be drawn."""
    for page in pages:
        try:
            preview = make_preview(folder / f"{page}.drawn").data
        except (OSError, ImageError):
            preview = b""
        _write(folder.with_name(f"{page}.webp"), preview)
