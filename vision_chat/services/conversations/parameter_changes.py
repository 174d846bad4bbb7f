"""Changes of parameters as people make them: checked, and put into what a row has.

A change maps names to values: null stands for the default, and "not_sent" for a limit of tokens that is not
sent.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from vision_chat.errors.base import ChatError, ParameterError
from vision_chat.errors.settings import SchemaError
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.json_schemas.validation import check_schema

LEAVE_OUT: Final = "not_sent"
"""The value of `max_tokens` in a change where it is not sent, although the site has a default for it."""


def checked(changes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, ChatError]]:
    """Return the changes that are valid, each by itself, and an error for each that is not.

    Schemas are read in another process, for which this waits: call it on a thread.
    """
    valid: dict[str, Any] = {}
    errors: dict[str, ChatError] = {}
    for name, value in changes.items():
        try:
            valid[name] = _checked(name, value)
        except (ParameterError, SchemaError) as error:
            errors[name] = error
    return valid, errors


def changed(parameters: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as rows have them, with these changes: without those that have their default."""
    after = dict(parameters)
    for name, value in changes.items():
        if value is None:
            after.pop(name, None)
        else:
            after[name] = None if _leaves_out(name, value) else value
    return after


def _checked(name: str, value: Any) -> Any:
    if value is None or _leaves_out(name, value):
        # an unknown name is refused here too
        Parameters.from_json({name: None})
        return value
    kept = Parameters.from_json({name: value}).to_json()[name]
    for schema in _schemas_in(name, kept):
        if problem := check_schema(schema):
            raise SchemaError(problem=problem)
    return kept


def _leaves_out(name: str, value: Any) -> bool:
    return name == "max_tokens" and value == LEAVE_OUT


def _schemas_in(name: str, value: Any) -> Iterator[Any]:
    """Return the JSON Schemas in a format or in tools."""
    if name == "response_format":
        holders = [value.get("json_schema", {})]
        key = "schema"
    elif name == "tools":
        holders = [tool.get("function", {}) for tool in value]
        key = "parameters"
    else:
        return
    yield from (holder[key] for holder in holders if isinstance(holder, Mapping) and key in holder)
