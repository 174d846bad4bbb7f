"""An answer that is JSON: as a tree, and held to the schema that was asked for."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from vision_chat.models import Completion
from vision_chat.services.json_schemas.validation import problem_of
from vision_chat.services.presentation.footer_notes import Note
from vision_chat.services.presentation.json_table import TableView, csv_of, rows_of
from vision_chat.services.presentation.json_tree import tree_html

MAX_CHARACTERS: Final = 1_000_000
"""Length of an answer that is read as JSON."""
# models may write blanks without end: each of these is read once, in whatever way they are divided
_FENCE: Final = re.compile(r"```(?:[ \t]*json)?[ \t]*\n", re.IGNORECASE)
_FENCE_END: Final = "```"
_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")
"""The escape of half a character, beside which the other half may be missing."""
_NOTHING: Final = object()


def shows_json(answer: str, completion: Completion) -> bool:
    """Return whether an answer may be JSON: it was asked for, or begins and ends like it. Reads no more."""
    text = answer.strip()
    if not text:
        return False
    if asked_for_json(completion):
        return True
    return text.endswith(("}", "]", _FENCE_END)) and _inside(text).startswith(("{", "["))


def asked_for_json(completion: Completion) -> bool:
    """Return whether the request asked for JSON."""
    return _format_of(completion).get("type") in ("json_object", "json_schema")


def json_text(answer: str) -> str:
    """Return the JSON of an answer, which may stand in a fence."""
    text = answer.strip()
    inside = _inside(text)
    return text if inside is text else inside.removesuffix(_FENCE_END).rstrip()


@dataclass(frozen=True, slots=True)
class JsonAnswerView:
    """An answer that is JSON, for the template `_json_answer.html`."""

    id: str
    """Of the message, for the names of fields."""
    notes: list[Note]
    tree: SafeString | None
    """None where there is nothing to fold: the text is all that is shown."""
    table: TableView | None = None

    @classmethod
    def of(cls, message_id: int, answer: str, completion: Completion) -> Self | None:
        """View an answer; None where it was not to be JSON, and is none. Blocks while its schema is read."""
        value = _read(json_text(answer))
        is_wanted = asked_for_json(completion)
        if value is _NOTHING:
            text = gettext("JSON was asked for, but this answer is not valid JSON.")
            return cls(str(message_id), [Note("warning", text)], None) if is_wanted else None
        if not is_wanted and not isinstance(value, dict | list):
            return None
        has_tree = isinstance(value, dict | list) and bool(value)
        notes = _notes(value, completion)
        if not has_tree:
            return cls(str(message_id), notes, None)
        return cls(str(message_id), notes, tree_html(value), TableView.of(value))


def _inside(text: str) -> str:
    """Return what follows the beginning of a fence that is closed; a text without one as it is."""
    fence = _FENCE.match(text)
    if fence is None or not text.endswith(_FENCE_END, fence.end()):
        return text
    return text[fence.end() :].lstrip()


def csv_answer(answer: str) -> str | None:
    """Return an answer as CSV; None where it is no list of flat objects."""
    rows = rows_of(_read(json_text(answer)))
    return None if rows is None else csv_of(rows)


def _read(text: str) -> Any:
    """Return the value of a JSON text; _NOTHING where it is none, or too long or deep to be read."""
    if len(text) > MAX_CHARACTERS:
        return _NOTHING
    try:
        value = json.loads(text, parse_constant=_refuse)
        # no page can have half a character in it
        return json.loads(_whole(json.dumps(value, ensure_ascii=False))) if _HALF.search(text) else value
    except (RecursionError, ValueError):
        return _NOTHING


def _whole(text: str) -> str:
    return text.encode(errors="replace").decode()


def _refuse(constant: str) -> None:
    raise ValueError(constant)  # such as NaN


def _notes(value: Any, completion: Completion) -> list[Note]:
    schema = _format_of(completion).get("json_schema")
    schema = schema.get("schema") if isinstance(schema, Mapping) else None
    if schema is None:
        return []
    if problem := problem_of(value, schema):
        return [Note("warning", problem)]
    return [Note("check", gettext("Fits the schema."))]


def _format_of(completion: Completion) -> Mapping[str, Any]:
    found = completion.parameters.get("response_format")
    return found if isinstance(found, Mapping) else {}
