"""One completion while it is read: its pieces as they come, within its deadlines and limits."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Final

from vision_chat.errors.completions import CompletionError, ReplyLostError
from vision_chat.services.completions._body import Body, InflateError
from vision_chat.services.completions._connections import HTTP_ERRORS, describe
from vision_chat.services.completions.chunks import MAX_EVENT_BYTES, Piece, ReplyReader
from vision_chat.services.completions.ends import Finish
from vision_chat.services.completions.picture_sieve import PictureSieve
from vision_chat.services.completions.timeouts import Deadlines

USAGE_SECONDS: Final = 5.0
"""How long to wait for usage and cost after the finish reason."""
END_SECONDS: Final = 0.25
"""How long to wait after `[DONE]` for the end of the body, which lets the connection be used again."""
MAX_PICTURE_CHARACTERS: Final = 4 * MAX_EVENT_BYTES
"""Length of all images of an answer, in base64, at which it is ended."""
MAX_PART: Final = 2_000
"""Characters of a reply that are worked on at once: of the worst text these take 10 ms."""


class Completion:
    """One running completion: an asynchronous iterator over its pieces, to be read once."""

    def __init__(  # noqa: PLR0913 - the last one is for tests
        self,
        body: Body,
        reader: ReplyReader,
        deadlines: Deadlines,
        ids: Mapping[str, str],
        max_characters: int,
        *,
        max_picture_characters: int = MAX_PICTURE_CHARACTERS,
    ) -> None:
        self._body = body
        self._reader = reader
        self._deadlines = deadlines
        self._ids = ids
        self._sieve = PictureSieve()
        self._room = max_characters
        self._picture_room = max_picture_characters
        self._failure: CompletionError | None = None

    @property
    def finish(self) -> Finish:
        """How the reply ended, or as much as is known before its end."""
        return self._reader.finish(**self._ids)

    def rest(self) -> Piece:
        """Return what is held back as it may begin a picture: for those who do not read to the end."""
        text, pictures = self._sieve.finish()
        return self._within_room(Piece(text, pictures=tuple(pictures)))

    async def __aiter__(self) -> AsyncIterator[Piece]:
        """Yield the pieces as they come, until the end. Raises CompletionErrors."""
        is_over = False
        while not is_over:
            data = await self._receive()
            is_over = not data
            for piece in self._reader.flush() if is_over else self._reader.feed(data):
                for part in _parts_of(piece):
                    yield self._taken(part)
                    if self._room <= 0 or self._picture_room <= 0:
                        self._reader.end_here()
                        return
                    if part is not piece:
                        await asyncio.sleep(0)
        if rest := self.rest():
            yield rest
        if self._failure is not None and not self._reader.is_complete:
            raise self._failure
        self._reader.check_end()

    def _taken(self, part: Piece) -> Piece:
        """Take the pictures out of its text, and count both."""
        text, pictures = self._sieve.feed(part.text)
        self._picture_room -= len(part.text) - len(text) + sum(map(len, part.image_urls))
        return self._within_room(Piece(text, part.thoughts, part.image_urls, tuple(pictures)))

    def _within_room(self, piece: Piece) -> Piece:
        """Return as much of the piece as the answer may still grow."""
        room = max(0, self._room)
        self._room -= len(piece.text) + len(piece.thoughts)
        return Piece(piece.text[:room], piece.thoughts[:room], piece.image_urls, piece.pictures)

    async def _receive(self) -> bytes:
        """Return the next bytes, b"" at the end, be it a failure: what came before it is still to be read."""
        try:
            async with asyncio.timeout_at(self._deadline()):
                return await self._body.read()
        except (TimeoutError, InflateError, *HTTP_ERRORS) as error:
            self._failure = self._error(error)
            self._failure.__cause__ = error
            return b""

    def _deadline(self) -> float:
        if self._reader.is_done:
            return self._deadlines.end(END_SECONDS)
        if self._reader.is_complete:
            return self._deadlines.end(USAGE_SECONDS)
        timeouts = self._deadlines.timeouts
        if self._reader.has_begun:
            return self._deadlines.after(timeouts.between_tokens)
        if self._body.has_begun:  # with signs of life
            return self._deadlines.after(timeouts.first_token)
        return self._deadlines.first_token

    def _error(self, error: Exception) -> CompletionError:
        if isinstance(error, TimeoutError):
            return self._deadlines.error(has_begun=self._reader.has_begun)
        return ReplyLostError(str(error) if isinstance(error, InflateError) else describe(error))


def _parts_of(piece: Piece) -> Iterator[Piece]:
    """Divide a piece that is too long to be worked on at once; another is its only part."""
    if len(piece.text) + len(piece.thoughts) <= MAX_PART:
        yield piece
        return
    for start in range(0, len(piece.thoughts), MAX_PART):
        yield Piece(thoughts=piece.thoughts[start : start + MAX_PART])
    for start in range(0, len(piece.text), MAX_PART):
        yield Piece(piece.text[start : start + MAX_PART])
    if piece.image_urls:
        yield Piece(image_urls=piece.image_urls)
