"""Calls of tools, as people read them. They are not executed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self

from django.utils.translation import gettext

MAX_ARGUMENTS: Final = 50
MAX_VALUE: Final = 2_000
"""Characters of one argument that are shown."""


class Argument(NamedTuple):
    """One argument of a call."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ToolCallView:
    """A call for the template `_tool_calls.html`."""

    name: str
    arguments: Sequence[Argument]
    text: str
    """The arguments as they came, where they are no JSON object; "" otherwise."""

    @classmethod
    def of(cls, call: Mapping[str, Any]) -> Self:
        """View a call as `Generation.tool_calls` has it."""
        name = str(call.get("name") or gettext("a function without a name"))
        text = str(call.get("arguments") or "")
        arguments = _arguments(text)
        if arguments is None:
            return cls(name, [], _shortened(text))
        return cls(name, arguments, "")


def _arguments(text: str) -> list[Argument] | None:
    """Return the arguments by name; None of what is no object, has too many, or is too deep to be written."""
    try:
        values = json.loads(text) if text else {}
        if not isinstance(values, dict) or len(values) > MAX_ARGUMENTS:
            return None
        return [Argument(_shortened(key), _shown(value)) for key, value in values.items()]
    except (RecursionError, ValueError):
        return None


def _shown(value: object) -> str:
    return _shortened(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _shortened(text: str) -> str:
    """Return the beginning of a text, without halves of characters, which no page can have."""
    text = text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}…"
    return text.encode(errors="replace").decode()
