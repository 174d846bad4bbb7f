"""The file of an export, in pieces. Each is made when the one before it was taken."""

from collections.abc import Iterator
from typing import Final

from django.utils import timezone

from vision_chat.services.reviews.exports.chat import ChatLines
from vision_chat.services.reviews.exports.choices import Choices, Format
from vision_chat.services.reviews.exports.names import Names
from vision_chat.services.reviews.exports.pictures import PictureFiles
from vision_chat.services.reviews.exports.reading import Covered, read
from vision_chat.services.reviews.exports.selections import Selection
from vision_chat.services.reviews.exports.table import rows_of
from vision_chat.services.reviews.exports.verdicts import is_good
from vision_chat.services.reviews.exports.whole import WholeLines
from vision_chat.services.zip_files import Pipe, add_image, entry_of, open_zip

PIECE_BYTES: Final = 64 * 1024
LINES: Final = "conversations.jsonl"
"""The name of the lines in a ZIP."""


def pieces(selection: Selection, choices: Choices) -> Iterator[bytes]:
    """Yield the export, none of them empty. Threads may take turns at the steps."""
    pictures = PictureFiles(choices.pictures)
    if choices.format is Format.TABLE:
        return _gathered(rows_of(_names(choices), _wanted(selection, choices)))
    lines = _lines(selection, choices, pictures)
    return _zipped(lines, pictures) if choices.is_zip else _gathered(lines)


def _names(choices: Choices) -> Names:
    return Names(are_hidden=choices.with_pseudonyms)


def _wanted(selection: Selection, choices: Choices) -> Iterator[Covered]:
    for covered in read(selection, with_messages=choices.format is not Format.TABLE):
        if not choices.only_good or is_good(covered):
            yield covered


def _lines(selection: Selection, choices: Choices, pictures: PictureFiles) -> Iterator[bytes]:
    kind = ChatLines if choices.format is Format.CHAT else WholeLines
    made = kind(choices, _names(choices), pictures)
    for covered in _wanted(selection, choices):
        for record in made.of(covered):
            yield from pictures.line_of(record)


def _gathered(written: Iterator[bytes]) -> Iterator[bytes]:
    """Join what is small."""
    held: list[bytes] = []
    size = 0
    for piece in written:
        held.append(piece)
        size += len(piece)
        if size >= PIECE_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if size:
        yield b"".join(held)


def _zipped(lines: Iterator[bytes], pictures: PictureFiles) -> Iterator[bytes]:
    pipe = Pipe()
    with open_zip(pipe) as archive:
        with archive.open(entry_of(LINES, timezone.now()), "w", force_zip64=True) as target:
            for piece in _gathered(lines):
                target.write(piece)
                if taken := pipe.take():
                    yield taken
        for path, file, moment in pictures.files():
            for _ in add_image(archive, path, file, moment):
                if taken := pipe.take():
                    yield taken
    yield pipe.take()
