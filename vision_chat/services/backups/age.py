"""Encryption with a passphrase, in the format of age (age-encryption.org/v1), which other tools read too.

The key is made of the passphrase by scrypt. The content goes in pieces of 64 KiB, each sealed by
ChaCha20-Poly1305 under a nonce that holds its number and whether it is the last one: pieces that were
changed, exchanged, left out or cut off are noticed.
"""

import base64
import hmac
import os
import re
from typing import BinaryIO, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from vision_chat.errors.backups import DamagedBackupError, WrongPassphraseError

BEGINNING: Final = b"age-encryption.org/v1\n"
PIECE: Final = 64 * 1024
TAG: Final = 16
WORK: Final = 17
"""Binary logarithm of scrypt's cost: 128 MB of memory and half a second, once a backup."""
MOST_WORK: Final = 20
"""The same, of a file that is read: whoever made it must not have all memory taken."""
HEADER: Final = re.compile(
    rb"age-encryption\.org/v1\n"
    rb"-> scrypt (?P<salt>[A-Za-z0-9+/]{22}) (?P<work>[1-9][0-9]?)\n(?P<wrapped>[A-Za-z0-9+/]{43})\n"
    rb"--- (?P<mac>[A-Za-z0-9+/]{43})\n"
)
LONGEST_HEADER: Final = 200
_ZERO: Final = bytes(12)


class Writable(Protocol):
    def write(self, data: bytes, /) -> object: ...


class Encrypting:
    """What is written to it goes to `target` encrypted. `finish` writes the last piece."""

    def __init__(self, target: Writable, passphrase: str, work: int = WORK) -> None:
        self._target = target
        self._pieces = 0
        self._waiting = bytearray()
        file_key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
        wrapped = ChaCha20Poly1305(_stretched(passphrase, salt, work)).encrypt(_ZERO, file_key, None)
        header = BEGINNING + b"-> scrypt %b %d\n%b\n---" % (_text(salt), work, _text(wrapped))
        self._cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
        target.write(header + b" " + _text(_mac(file_key, header)) + b"\n" + nonce)

    def write(self, data: bytes) -> int:
        self._waiting += data
        # the last piece, which is not empty, is known at the end alone
        while len(self._waiting) > PIECE:
            self._seal(bytes(self._waiting[:PIECE]), is_last=False)
            del self._waiting[:PIECE]
        return len(data)

    def finish(self) -> None:
        self._seal(bytes(self._waiting), is_last=True)

    def _seal(self, piece: bytes, *, is_last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._pieces, is_last=is_last), piece, None))
        self._pieces += 1


class Decrypting:
    """What is read from it is the content of an encrypted file. Raises WrongPassphraseError.

    Reading raises DamagedBackupError, at the latest where the end is reached.
    """

    def __init__(self, source: BinaryIO, passphrase: str) -> None:
        self._source = source
        beginning = source.read(LONGEST_HEADER)
        header = HEADER.match(beginning)
        if header is None or int(header["work"]) > MOST_WORK:
            raise DamagedBackupError(problem="it is encrypted in a way that is not read here.")
        source.seek(header.end())
        key = _stretched(passphrase, _bytes(header["salt"]), int(header["work"]))
        try:
            file_key = ChaCha20Poly1305(key).decrypt(_ZERO, _bytes(header["wrapped"]), None)
        except InvalidTag:
            raise WrongPassphraseError from None
        signed = header[0].rpartition(b" ")[0]
        if not hmac.compare_digest(_mac(file_key, signed), _bytes(header["mac"])):
            raise DamagedBackupError(problem="its beginning was changed.")
        self._cipher = ChaCha20Poly1305(_derived(file_key, source.read(16), b"payload"))
        self._pieces = 0
        self._opened = memoryview(b"")
        self._sealed = source.read(PIECE + TAG)

    def read(self, size: int) -> bytes:
        """Return `size` bytes, fewer at the end alone."""
        taken = bytearray()
        while len(taken) < size and (self._opened or self._sealed):
            if not self._opened:
                self._open()
            wanted = size - len(taken)
            taken += self._opened[:wanted]
            self._opened = self._opened[wanted:]
        return bytes(taken)

    def _open(self) -> None:
        following = self._source.read(PIECE + TAG)
        nonce = _nonce(self._pieces, is_last=not following)
        try:
            self._opened = memoryview(self._cipher.decrypt(nonce, self._sealed, None))
        except InvalidTag:
            place = f"after {self._pieces * PIECE:,} bytes it was changed, or it is cut off."
            raise DamagedBackupError(problem=place) from None
        self._sealed = following
        self._pieces += 1


def is_encrypted(source: BinaryIO) -> bool:
    """Tell whether a file is encrypted, and go back to its beginning."""
    beginning = source.read(len(BEGINNING))
    source.seek(0)
    return beginning == BEGINNING


def _stretched(passphrase: str, salt: bytes, work: int) -> bytes:
    derivation = Scrypt(salt=b"age-encryption.org/v1/scrypt" + salt, length=32, n=2**work, r=8, p=1)
    return derivation.derive(passphrase.encode())


def _derived(file_key: bytes, salt: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=purpose).derive(file_key)


def _mac(file_key: bytes, header: bytes) -> bytes:
    return hmac.digest(_derived(file_key, b"", b"header"), header, "sha256")


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _text(data: bytes) -> bytes:
    """Return Base64 without its padding."""
    return base64.b64encode(data).rstrip(b"=")


def _bytes(text: bytes) -> bytes:
    return base64.b64decode(text + b"=" * (-len(text) % 4))
