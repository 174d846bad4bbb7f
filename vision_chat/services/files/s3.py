"""Files on S3-compatible storage, with the errors of a disk, and with an end to every wait.

Whoever reads or writes a file gets FileNotFoundError where it is not there, and FilesAwayError where the
storage does not answer. See docs/decisions/0060-pictures-on-s3.md.
"""

import errno
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, Final, cast

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError  # noqa: A004 - theirs
from django.core.files.base import File
from storages.backends.s3 import S3Storage
from urllib3.exceptions import HTTPError

from vision_chat.services.files.errors import FilesAwayError
from vision_chat.services.metrics.storage import Measured

CONNECT_SECONDS: Final = 2.0
SILENCE_SECONDS: Final = 5.0
"""Time without a byte after which a request has failed."""
READ_SECONDS: Final = 20.0
"""Time for a whole file, however slowly it comes."""
ATTEMPTS: Final = 2
"""A connection that was kept may have been closed meanwhile; the second request opens one."""
PAUSE_SECONDS: Final = 5.0
"""Time after a failed connection in which nobody waits for the next one to fail."""
CONNECTIONS: Final = 32
"""Connections that are kept: as many as threads of this process may use at once."""
PIECE_BYTES: Final = 256 * 1024
IN_MEMORY_BYTES: Final = 4_000_000
"""Largest file that is read into memory; others, which are originals, lie in a temporary file meanwhile."""
NOT_THERE: Final = {"NoSuchKey", "404"}
"""The codes of a file that is not there: that of an answer without a body is its status."""


class _Bucket(S3Storage):  # type: ignore[misc]  # the package ships no types
    """A bucket. Its files are private, and are only read and written by this application.

    One client serves all threads: it takes 100 ms to make, and each request has a thread of its own.
    """

    is_remote = True

    def __init__(
        self, silence: float = SILENCE_SECONDS, pause: float = PAUSE_SECONDS, **options: Any
    ) -> None:
        self._pause = pause
        self._making = threading.Lock()
        self._shared: Any = None
        self._away_until = 0.0
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=silence,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
            max_pool_connections=CONNECTIONS,
            # not every server knows the checksums that the client would add of late
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        # threads of its own for each upload would be without bounds
        transfer = TransferConfig(use_threads=False)
        super().__init__(client_config=config, transfer_config=transfer, default_acl=None, **options)

    @property
    def connection(self) -> Any:
        """The client of all threads, made when it is first used."""
        with self._making:
            if self._shared is None:
                self._shared = self._create_session().resource(
                    "s3",
                    region_name=self.region_name,
                    endpoint_url=self.endpoint_url,
                    config=self.client_config,
                )
        return self._shared

    def url(self, *args: Any, **options: Any) -> str:
        """Refuse: an address that anybody may use would pass by the application's authorisation."""
        raise ValueError("Files are served by the application alone.")

    def check(self) -> None:
        """Ask for the bucket. Raises FilesAwayError."""
        with self._errors_of_disks(""):
            self._client.head_bucket(Bucket=self.bucket_name)

    def exists(self, name: str) -> bool:
        with self._errors_of_disks(name):
            return bool(super().exists(name))

    def size(self, name: str) -> int:
        with self._errors_of_disks(name):
            return int(super().size(name))

    def delete(self, name: str) -> None:
        """Delete a file, be it there or not. There are no folders."""
        with self._errors_of_disks(name):
            super().delete(name)

    def _save(self, name: str, content: Any) -> str:
        with self._errors_of_disks(name):
            return str(super()._save(name, content))

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        """Read the whole file by one request, before anybody looks at it."""
        if mode != "rb":
            raise ValueError("Files are only read; a new one is saved.")
        file = SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115 - whoever reads it closes it
        try:
            with self._errors_of_disks(name):
                found = self._client.get_object(Bucket=self.bucket_name, Key=self._normalize_name(name))
                with closing(found["Body"]) as body:
                    for piece in _in_time(body):
                        file.write(piece)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return File(cast(BinaryIO, file), name)

    @property
    def _client(self) -> Any:
        return self.connection.meta.client

    @contextmanager
    def _errors_of_disks(self, name: str) -> Iterator[None]:
        """Turn errors of the client into those that the readers and writers of files know."""
        if time.monotonic() < self._away_until:
            raise FilesAwayError("it did not a moment ago")
        try:
            yield
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in NOT_THERE:
                raise FileNotFoundError(errno.ENOENT, "no such file in the bucket", name) from error
            raise FilesAwayError(error) from error
        except (ConnectionError, HTTPClientError) as error:
            self._away_until = time.monotonic() + self._pause
            raise FilesAwayError(error) from error
        except (BotoCoreError, Boto3Error, HTTPError) as error:
            raise FilesAwayError(error) from error


class S3Files(Measured, _Bucket):
    """A bucket, accesses to which are counted and timed."""


def _in_time(body: Any) -> Iterator[bytes]:
    """Yield the pieces of a body. Raises FilesAwayError where they come too slowly."""
    deadline = time.monotonic() + READ_SECONDS
    for piece in body.iter_chunks(PIECE_BYTES):
        if time.monotonic() > deadline:
            raise FilesAwayError(f"a file did not come within {READ_SECONDS:g} s")
        yield piece
