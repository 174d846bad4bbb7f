"""Log lines for what happens in floods: one a minute, with the number of those that were left out."""

import logging
import time
from collections.abc import Callable

SECONDS = 60.0


class OccasionalWarning:
    """A warning that is logged at most once in `SECONDS`. `now` is a clock in seconds."""

    def __init__(
        self, logger: logging.Logger, message: str, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._logger = logger
        self._message = message
        self._now = now
        self._quiet_until = float("-inf")
        self._left_out = 0

    def __call__(self, *args: object) -> None:
        """Log the message with `args`, or count it."""
        if self._now() < self._quiet_until:
            self._left_out += 1
            return
        more = f" ({self._left_out} more since the last line)" if self._left_out else ""
        self._logger.warning(self._message + more, *args)  # noqa: G003 - the message is constant
        self._quiet_until = self._now() + SECONDS
        self._left_out = 0


class OccasionalRecords(logging.Filter):
    """A filter for another library's logger: each record of one level without arguments once in `SECONDS`."""

    def __init__(self, level: int = logging.WARNING, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._level = level
        self._now = now
        self._quiet_until: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno != self._level or record.args:
            return True
        is_due = self._now() >= self._quiet_until.get(str(record.msg), float("-inf"))
        if is_due:
            self._quiet_until[str(record.msg)] = self._now() + SECONDS
        return is_due
