"""Checks schemas, and values by them, with a deadline. Both block: call them on a thread."""

import json
from typing import Any, Final

from django.utils.translation import gettext

from vision_chat.services.child_processes.process import ChildFailedError
from vision_chat.services.direction import isolated
from vision_chat.services.json_schemas._process import shared

SECONDS: Final = 2.0
MAX_CHARACTERS: Final = 2_000_000
"""Most characters of a schema and a value together, as JSON."""
MAX_WORDS_LENGTH: Final = 300


def check_schema(schema: Any, seconds: float = SECONDS) -> str | None:
    """Return a sentence that says what is wrong with a JSON Schema (2020-12), None where it is one."""
    if not isinstance(schema, dict):
        return gettext("A schema must be a JSON object.")
    return _asked([schema], seconds)


def problem_of(value: Any, schema: Any, seconds: float = SECONDS) -> str | None:
    """Return a sentence that says where a value does not fit a schema, None where it does."""
    return _asked([schema, value], seconds)


def _asked(question: list[Any], seconds: float) -> str | None:
    try:
        line = json.dumps(question)
    except (RecursionError, TypeError, ValueError):
        return _sentence("deep", "", "")
    if len(line) > MAX_CHARACTERS:
        return gettext("This is too large to be checked.")
    try:
        answer = shared.ask(question, seconds)
    except ChildFailedError:
        return gettext("Checking this by the schema took too long.")
    return None if answer is None else _sentence(*answer)


def _sentence(kind: str, place: str, words: str) -> str:
    if len(words) > MAX_WORDS_LENGTH:
        words = f"{words[:MAX_WORDS_LENGTH]}…"
    values = {"place": isolated(place), "words": isolated(words)}
    if kind == "deep":
        return gettext("This is nested too deeply to be checked.")
    if kind == "reference":
        text = gettext("“$ref” may only refer to this schema itself, with “#”, and not to %(words)s.")
    elif kind == "schema" and not place.strip("$"):
        text = gettext("This is not a valid schema: %(words)s")
    elif kind == "schema":
        text = gettext("This is not a valid schema, at %(place)s: %(words)s")
    else:
        text = gettext("Does not fit the schema, at %(place)s: %(words)s")
    return text % values
