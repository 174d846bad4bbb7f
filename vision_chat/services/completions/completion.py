"""One completion while it is read: its pieces as they come, within its deadlines and limits."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from typing import Final

from vision_chat.errors.completions import CompletionError, ReplyLostError
from vision_chat.services.completions._body import Body, InflateError
from vision_chat.services.completions._connections import HTTP_ERRORS, describe
from vision_chat.services.completions.chunks import MAX_EVENT_BYTES, ReplyReader
from vision_chat.services.completions.ends import ChoiceEnd, Finish
from vision_chat.services.completions.picture_sieve import PictureSieve
from vision_chat.services.completions.pieces import Piece
from vision_chat.services.completions.timeouts import Deadlines

USAGE_SECONDS: Final = 5.0
"""How long to wait for usage and cost after the finish reason."""
END_SECONDS: Final = 0.25
"""How long to wait after `[DONE]` for the end of the body, which lets the connection be used again."""
MAX_PICTURE_CHARACTERS: Final = 4 * MAX_EVENT_BYTES
"""Length of all images of an answer, in base64, at which it is ended."""
MAX_PART: Final = 2_000
"""Characters of a reply that are worked on at once: of the worst text these take 10 ms."""


class _Words:
    """The words of one answer: pictures are taken out of them, and they have a limit."""

    def __init__(self, max_characters: int) -> None:
        self.sieve = PictureSieve()
        self._room = max_characters

    @property
    def is_full(self) -> bool:
        return self._room <= 0

    def within_room(self, piece: Piece) -> Piece:
        """Return as much of the piece as the answer may still grow."""
        room = max(0, self._room)
        self._room -= len(piece.text) + len(piece.thoughts)
        return replace(piece, text=piece.text[:room], thoughts=piece.thoughts[:room])


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
        self._max_characters = max_characters
        self._words = {0: _Words(max_characters)}
        self._picture_room = max_picture_characters
        self._failure: CompletionError | None = None

    @property
    def finish(self) -> Finish:
        """How the reply ended, or as much as is known before its end."""
        return self._reader.finish(**self._ids)

    def end(self, index: int) -> ChoiceEnd:
        """Return how an answer that has begun ended, or as much as is known before its end."""
        return self._reader.end(index)

    def rest(self) -> list[Piece]:
        """Return what is held back as it may begin a picture: for those who do not read to the end."""
        held = []
        for index, words in self._words.items():
            text, pictures = words.sieve.finish()
            held.append(words.within_room(Piece(text, pictures=tuple(pictures), choice=index)))
        return [piece for piece in held if piece]

    async def __aiter__(self) -> AsyncIterator[Piece]:
        """Yield the pieces as they come, until the end. Raises CompletionErrors."""
        is_over = False
        while not is_over:
            data = await self._receive()
            is_over = not data
            for piece in self._reader.flush() if is_over else self._reader.feed(data):
                for part in _parts_of(piece):
                    yield self._taken(part)
                    if self._words[part.choice].is_full or self._picture_room <= 0:
                        self._reader.end_here()
                        return
                    if part is not piece:
                        await asyncio.sleep(0)
        for rest in self.rest():
            yield rest
        if self._failure is not None and not self._reader.is_complete:
            raise self._failure
        self._reader.check_end()

    def _taken(self, part: Piece) -> Piece:
        """Take the pictures out of its text, and count both."""
        if part.choice not in self._words:
            self._words[part.choice] = _Words(self._max_characters)
        words = self._words[part.choice]
        text, pictures = words.sieve.feed(part.text)
        self._picture_room -= len(part.text) - len(text) + sum(map(len, part.image_urls))
        return words.within_room(replace(part, text=text, pictures=tuple(pictures)))

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
        if self._reader.is_complete and not self._reader.may_begin_another:
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
    choice = piece.choice
    for start in range(0, len(piece.thoughts), MAX_PART):
        yield Piece(thoughts=piece.thoughts[start : start + MAX_PART], choice=choice)
    for start in range(0, len(piece.text), MAX_PART):
        yield Piece(piece.text[start : start + MAX_PART], choice=choice)
    if piece.image_urls:
        yield Piece(image_urls=piece.image_urls, choice=choice)
