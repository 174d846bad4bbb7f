"""Log formatting without secrets, and without what people wrote."""

import json
import logging
import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from vision_chat.server.log_lines import safe_traceback, without_exception
from vision_chat.services.request_ids import current

SETUP_TOKEN = re.compile(r"(?<=/setup/)[^/\s\"']+")
Caught = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class RedactingFormatter(logging.Formatter):
    """Replaces `secrets` and the set-up token, which is part of the paths that Django logs.

    Of exceptions it says nothing that they may quote.
    """

    def __init__(self, fmt: str = "{message}", secrets: Iterable[str] = ()) -> None:
        super().__init__(fmt, style="{")
        self._secrets = [secret for secret in secrets if secret]

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # another formatter's, which says all
        return self.redacted(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as logging has it
        record.message = self.message_of(record)
        return super().formatMessage(record)

    def formatException(self, ei: Caught) -> str:  # noqa: N802 - the same
        return safe_traceback(ei[1]) if ei[1] is not None else ""

    def message_of(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        return without_exception(message) if record.name == "asyncio" else message

    def redacted(self, line: str) -> str:
        line = SETUP_TOKEN.sub("[token]", line)
        for secret in self._secrets:
            line = line.replace(secret, "[secret]")
        return line


class JsonFormatter(RedactingFormatter):
    """Writes each record as a JSON object, with the request and the person that it belongs to.

    `facts` of a record are further members. `worker` is the number of this process, where there are several.
    """

    def __init__(self, secrets: Iterable[str] = (), worker: str = "") -> None:
        super().__init__(secrets=secrets)
        self._process = {"worker": worker} if worker else {"process": os.getpid()}

    def format(self, record: logging.LogRecord) -> str:
        origin = current()
        facts: dict[str, Any] = getattr(record, "facts", {})
        members = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.redacted(self.message_of(record)),
            "request_id": origin.request_id or None,
            "person_id": origin.person_id,
            **self._process,
            **facts,
            "exception": self.redacted(self.formatException(record.exc_info)) if record.exc_info else None,
        }
        return json.dumps({name: value for name, value in members.items() if value is not None}, default=str)
