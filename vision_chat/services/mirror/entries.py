"""The entries of the stream of a reply, and what processes write to each other, as msgpack."""

from collections.abc import Iterator, Sequence
from typing import Final, Self

import msgspec

from vision_chat.services.places.copies import SentCopy
from vision_chat.services.places.mapping import Sight, sight_in
from vision_chat.services.replies.live import End
from vision_chat.services.thoughts.division import Part
from vision_chat.services.vision.family import Family, Frame

Pieces = Sequence[tuple[str, str]]
"""Text and thoughts that were added, one after the other."""


class Seen(msgspec.Struct, array_like=True):
    """The sight of the model, without what follows from its family."""

    copies: list[SentCopy]
    frame: Frame

    @classmethod
    def of(cls, sight: Sight) -> Self:
        return cls(list(sight.copies), sight.frame)

    def by(self, family: Family) -> Sight:
        return sight_in(self.copies, family, self.frame)


class Ended(msgspec.Struct, array_like=True):
    """The end of a reply: its status, and the HTML of its footer."""

    status: str
    footer: str

    @classmethod
    def of(cls, end: End) -> Self:
        return cls(str(end.status), "".join((end.footer,)))  # a SafeString is not known to the encoder


class Entry(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The growth of a reply since the entry before; with `parts` it is a snapshot, all that has come.

    `at` is the number of characters, of text and thoughts, that had come before `pieces`, which belong to the
    part with the index `part`. A part that has `ended` adds nothing after its pieces.
    """

    at: int
    part: int = 0
    pieces: Pieces = ()
    parts: Sequence[Part] | None = None
    thought_ms: tuple[int, int | None] = (0, None)
    note: str | None = None
    seen: Seen | None = None
    ended: Ended | None = None


class Wanted(msgspec.Struct, array_like=True, tag="wanted"):
    """A request to publish a reply for a while, to the stream of this generation.

    With `afresh` its stream lacks something, and a snapshot is to follow.
    """

    message_id: int
    generation_id: int
    afresh: bool = False


class Stop(msgspec.Struct, array_like=True, tag="stop"):
    """A request to stop a reply; its row says so already."""

    message_id: int


Letter = Wanted | Stop

FIELD: Final = b"e"
"""The only field of an entry in Redis."""


_encoder: Final = msgspec.msgpack.Encoder()
_entry_decoder: Final = msgspec.msgpack.Decoder(Entry)
_letter_decoder: Final = msgspec.msgpack.Decoder(Letter)


def encode(value: Entry | Letter) -> bytes:
    """Return an entry or a letter as bytes."""
    return _encoder.encode(value)


def entry_in(data: bytes) -> Entry:
    """Read an entry. Raises MsgspecError."""
    return _entry_decoder.decode(data)


def letter_in(data: bytes) -> Letter:
    """Read a letter. Raises MsgspecError."""
    letter: Letter = _letter_decoder.decode(data)
    return letter


def joined(pieces: Pieces) -> list[tuple[str, str]]:
    """Return the same with neighbors of one kind as one: an endpoint sends a word at a time."""
    runs: list[tuple[list[str], list[str]]] = []
    kind = (False, False)
    for text, thoughts in pieces:
        of_piece = (bool(text), bool(thoughts))
        if of_piece != kind or all(of_piece):
            runs.append(([], []))
            kind = of_piece
        runs[-1][0].append(text)
        runs[-1][1].append(thoughts)
    return [("".join(texts), "".join(thoughts)) for texts, thoughts in runs]


def beyond(pieces: Pieces, skipped: int) -> Iterator[tuple[str, str]]:
    """Yield the pieces without the first `skipped` characters."""
    for text, thoughts in pieces:
        length = len(text) + len(thoughts)
        if skipped >= length:
            skipped -= length
            continue
        # a piece of both kinds came at once, so nobody has only the beginning of it
        yield (text[skipped:], thoughts) if text else (text, thoughts[skipped:])
        skipped = 0


def length_of(pieces: Pieces) -> int:
    """Return the number of characters."""
    return sum(len(text) + len(thoughts) for text, thoughts in pieces)
