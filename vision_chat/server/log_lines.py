"""Parts of log lines that say nothing of what people wrote, whatever an exception quotes.

Messages of exceptions quote values: a row that PostgreSQL refused, a text that was no number, the words of a
provider. Their types, and the places in the code, tell what went wrong all the same.
"""

import re
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Final

from django.db import DatabaseError

from vision_chat.errors.base import ChatError

MAX_CHARACTERS: Final = 200
_QUOTED: Final = re.compile(r"""['"“].*""")
"""From the first quote on: where a text ends that has quotes itself cannot be told."""
_OF_CODE: Final = (AttributeError, ImportError, NameError, OSError, TypeError)
"""Exceptions that quote names of the program, of its files and of hosts."""
_HIDDEN: Final = "[…]"
_EXCEPTION_OF_TASK: Final = re.compile(r"\bexception=.*")
_AS_CAUSE: Final = "\nThe above exception was the direct cause of the following exception:\n\n"
_MEANWHILE: Final = "\nDuring handling of the above exception, another exception occurred:\n\n"


def without_exception(message: str) -> str:
    """Return what asyncio says of a task that failed, without the text of its exception."""
    return _EXCEPTION_OF_TASK.sub(f"exception={_HIDDEN}", message)


def safe_message(error: BaseException) -> str:
    """Return what may be said of an exception beside its type."""
    if isinstance(error, ChatError):
        return error.code
    first = next(iter(str(error).splitlines()), "")[:MAX_CHARACTERS]
    if isinstance(error, _OF_CODE):
        return first
    if isinstance(error, DatabaseError) and "invalid input" not in first:
        return first  # names of tables and columns; further lines have the row
    return _QUOTED.sub(_HIDDEN, first)


def safe_traceback(error: BaseException) -> str:
    """Return the traceback of an exception and of those that led to it."""
    return "".join(_parts(error, set())).rstrip("\n")


def _parts(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    before, words = error.__cause__, _AS_CAUSE
    if before is None and not error.__suppress_context__:
        before, words = error.__context__, _MEANWHILE
    if before is not None and id(before) not in seen:
        yield from _parts(before, seen)
        yield words
    yield from _frames(error.__traceback__)
    yield f"{_name_of(error)}: {safe_message(error)}".rstrip(": ") + "\n"
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _parts(each, seen)


def _frames(trace: TracebackType | None) -> Iterator[str]:
    if trace is not None:
        yield "Traceback (most recent call last):\n"
        yield from traceback.format_tb(trace)


def _name_of(error: BaseException) -> str:
    kind = type(error)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return f"{module}{kind.__qualname__}"
