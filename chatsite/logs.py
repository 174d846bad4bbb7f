"""Log formatting without secrets."""

import logging
import re
from collections.abc import Iterable

SETUP_TOKEN = re.compile(r"(?<=/setup/)[^/\s\"']+")


class RedactingFormatter(logging.Formatter):
    """Replaces `secrets` and the set-up token, which is part of the paths that Django logs."""

    def __init__(self, fmt: str, secrets: Iterable[str]) -> None:
        super().__init__(fmt, style="{")
        self._secrets = [secret for secret in secrets if secret]

    def format(self, record: logging.LogRecord) -> str:
        line = SETUP_TOKEN.sub("[token]", super().format(record))
        for secret in self._secrets:
            line = line.replace(secret, "[secret]")
        return line
