"""Pictures and PDFs that people name by an address: fetched by the server, which says how far it is."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import DatabaseError
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_POST
from yarl import URL

from vision_chat.errors.base import ChatError
from vision_chat.errors.images import ImageNotStoredError
from vision_chat.models import UploadedImage
from vision_chat.server.runtime import Runtime
from vision_chat.services.database_threads import release_connection
from vision_chat.services.fetching.targets import target_of
from vision_chat.services.images.tiff_pages import has_several_pages
from vision_chat.services.presentation.images import uploaded_json
from vision_chat.services.presentation.sentences import error_json
from vision_chat.services.uploads.storage import display_name
from vision_chat.views.documents import document_json
from vision_chat.views.uploading import for_person

PACE_SECONDS: Final = 0.25
"""Seconds between two lines of progress."""


@require_POST
@for_person
async def fetch(request: HttpRequest, runtime: Runtime, user: AbstractBaseUser) -> Any:
    """Fetch an address, and store the picture or open the PDF that is there. It counts as one upload.

    Answers lines of JSON: {"received", "total"} while it comes, then {"image"}, {"document"} or {"error"}.
    """
    if not settings.VISION_CHAT.fetches_addresses:
        raise Http404
    url = target_of(request.POST.get("address", ""), runtime.fetcher.rules)
    lines = _lines(_Fetch(runtime, user, url))
    return StreamingHttpResponse(
        lines, content_type="application/x-ndjson", headers={"Cache-Control": "no-store"}
    )


class _Fetch:
    """One fetch, and how far it is."""

    def __init__(self, runtime: Runtime, user: AbstractBaseUser, url: URL) -> None:
        self._runtime = runtime
        self._user = user
        self._url = url
        self.progress: dict[str, Any] = {"received": 0, "total": None}

    async def run(self) -> dict[str, Any]:
        """Return the last line."""
        try:
            return await self._taken()
        except ChatError as error:
            return {"error": error_json(error)}
        except (OSError, DatabaseError) as error:
            return {"error": error_json(ImageNotStoredError(repr(error)))}

    async def _taken(self) -> dict[str, Any]:
        async with self._runtime.uploads.place(self._user):
            await release_connection()
            folder = Path(await asyncio.to_thread(tempfile.mkdtemp))
            try:
                return await self._kept(folder / "fetched")
            finally:
                await asyncio.to_thread(_remove, folder)

    async def _kept(self, path: Path) -> dict[str, Any]:
        file = await asyncio.to_thread(path.open, "wb")
        with file:
            fetched = await self._runtime.fetcher.fetch(self._user.pk, self._url, file, self._came)
        name = display_name(fetched.name)
        if fetched.is_document or await asyncio.to_thread(has_several_pages, path):
            document = await self._runtime.documents.open(self._user.pk, path, name)
            return {"document": document_json(document)}
        image = await self._runtime.intake(self._user).take(path, name, UploadedImage.Source.ADDRESS)
        return {"image": uploaded_json(image)}

    def _came(self, received: int, total: int | None) -> None:
        self.progress = {"received": received, "total": total}


async def _lines(fetch: _Fetch) -> AsyncIterator[bytes]:
    """Yield the lines. Whoever hangs up ends the fetch."""
    task = asyncio.create_task(fetch.run())
    try:
        while True:
            yield _line(fetch.progress)
            done, _ = await asyncio.wait([task], timeout=PACE_SECONDS)
            if done:
                break
        yield _line(task.result())
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _line(value: dict[str, Any]) -> bytes:
    return msgspec.json.encode(value) + b"\n"


def _remove(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
