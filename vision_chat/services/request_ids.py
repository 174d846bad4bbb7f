"""The id of the request that is being worked on, and whose it is: for log lines, answers and endpoints.

Tasks and jobs of the database take it along. A websocket has the id of its handshake, each of its commands
one that begins with that, and each call of an endpoint one that begins with the command's: whoever has one
of them finds the others.
"""

import re
import uuid
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

MAX_LENGTH: Final = 64
"""That of an id from outside. What is appended to it fits into `Completion.request_id`."""
_FORM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*")
_SUFFIX: Final = 8


@dataclass(frozen=True, slots=True)
class Origin:
    """The request that work is done for, and the person, where that is known."""

    request_id: str = ""
    person_id: int | None = None


NOWHERE: Final = Origin()
"""The origin of what the server does by itself."""
_current: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)


def current() -> Origin:
    """Return for which request this task or thread works."""
    return _current.get()


def work_for(origin: Origin) -> None:
    """Say for which request this task works from here on."""
    _current.set(origin)


def new_id() -> str:
    return uuid.uuid4().hex


def is_sound(request_id: str) -> bool:
    """Tell whether an id from outside may be taken: it gets into logs, headers and rows."""
    return len(request_id) <= MAX_LENGTH and _FORM.fullmatch(request_id) is not None


def id_of_call(origin: Origin | None = None) -> str:
    """Make the id of a call of an endpoint, which begins with that of the request."""
    request_id = (origin or current()).request_id
    own = new_id()
    return f"{request_id}.{own[:_SUFFIX]}" if request_id else own
