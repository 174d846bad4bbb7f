"""Encrypted files: what goes in comes out, and nothing that was changed does."""

import base64
import io
import os

import pytest

from vision_chat.errors.backups import DamagedBackupError, WrongPassphraseError
from vision_chat.services.backups.age import BEGINNING, PIECE, TAG, Decrypting, Encrypting, is_encrypted

PASSPHRASE = "correct horse"
LITTLE_WORK = 2
OF_BEFORE = base64.b64decode(
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBOTjQ5bHg1Mk5ZSEtWNy9WbzloQm1RIDEwClZmcnhoZ2JBMU"
    "phalVGU1hKeUppRTlNOUczNVZETldETllHdmRNU0NDUk0KLS0tIFpJWWZjWVV4dzNVNEtkN0JXYWMyakF3YisxR2w5"
    "SENDbG5yampGazNpS1kKhWdKRDjJte4UBTrvI7uAC4EG9+xmyaTbUBlKAKfSUDS7CYWpACYLZlUG2/s="
)
"""A file that was written once, and that another implementation of age has read."""


def encrypted(data: bytes, pieces: int = 1000) -> bytes:
    target = io.BytesIO()
    encrypting = Encrypting(target, PASSPHRASE, LITTLE_WORK)
    for start in range(0, len(data), pieces):
        encrypting.write(data[start : start + pieces])
    encrypting.finish()
    return target.getvalue()


def decrypted(data: bytes, size: int = 10_000) -> bytes:
    decrypting = Decrypting(io.BytesIO(data), PASSPHRASE)
    return b"".join(iter(lambda: decrypting.read(size), b""))


@pytest.mark.parametrize("length", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7])
@pytest.mark.parametrize("size", [1000, PIECE, 10 * PIECE])
def test_what_goes_in_comes_out(length: int, size: int) -> None:
    data = os.urandom(length)
    assert decrypted(encrypted(data, size), size) == data


def test_a_file_of_before_is_still_read() -> None:
    assert decrypted(OF_BEFORE) == b"A staircase."


def test_nothing_of_it_can_be_read_in_the_file() -> None:
    found = encrypted(b"A staircase." * 1000)
    assert found.startswith(BEGINNING)
    assert b"staircase" not in found
    assert found != encrypted(b"A staircase." * 1000)


def test_it_is_known_by_its_beginning() -> None:
    for data, wanted in ((encrypted(b""), True), (b"manifest.json" + bytes(500), False), (b"", False)):
        source = io.BytesIO(data)
        assert is_encrypted(source) is wanted
        assert source.tell() == 0


def test_another_passphrase_opens_nothing() -> None:
    with pytest.raises(WrongPassphraseError):
        Decrypting(io.BytesIO(encrypted(b"A staircase.")), "battery staple")


def sealed(data: bytes) -> tuple[bytes, list[bytes]]:
    """Return the beginning of a file, and its pieces."""
    end = data.index(b"\n", data.index(b"---")) + 1 + 16
    rest = data[end:]
    return data[:end], [rest[at : at + PIECE + TAG] for at in range(0, len(rest), PIECE + TAG)]


@pytest.mark.parametrize(
    "order",
    [[0, 1], [0, 1, 2, 2], [1, 0, 2], [0, 2], [1, 2], [0, 0, 2], []],
    ids=[
        "end cut off",
        "more behind the end",
        "exchanged",
        "one left out",
        "begun later",
        "one twice",
        "none",
    ],
)
def test_pieces_stay_as_they_are(order: list[int]) -> None:
    beginning, pieces = sealed(encrypted(os.urandom(2 * PIECE + 10)))
    with pytest.raises(DamagedBackupError):
        decrypted(beginning + b"".join(pieces[number] for number in order) if order else beginning + b"x")


@pytest.mark.parametrize("at", [-1, -PIECE, 300])
def test_a_byte_that_was_changed_is_noticed(at: int) -> None:
    data = bytearray(encrypted(os.urandom(2 * PIECE)))
    data[at] ^= 1
    with pytest.raises(DamagedBackupError):
        decrypted(bytes(data))


def test_a_header_that_was_changed_is_noticed() -> None:
    data = encrypted(b"A staircase.")
    mac = data.index(b"--- ") + 4
    changed = data[:mac] + (b"B" if data[mac : mac + 1] == b"A" else b"A") + data[mac + 1 :]
    with pytest.raises(DamagedBackupError, match="beginning"):
        decrypted(changed)


@pytest.mark.parametrize(
    "header", [BEGINNING, BEGINNING + b"-> X25519 abc\n", encrypted(b"").replace(b" 2\n", b" 30\n")]
)
def test_other_recipients_and_too_much_work_are_refused(header: bytes) -> None:
    with pytest.raises(DamagedBackupError, match="not read here"):
        decrypted(header)
