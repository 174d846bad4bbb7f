"""The script of the process that reads schemas. It imports nothing of this application."""

import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry

REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
DATA = ("const", "enum", "default", "examples")
"""Keywords below which there is data and no schema."""
Answer = tuple[str, str, str] | None


def answer(question: list[Any]) -> Answer:
    """Return what is wrong with a [schema], or with the value in [schema, value]: (kind, place, words)."""
    try:
        schema, *values = question
        problem = problem_of_schema(schema)
        if problem or not values:
            return problem
        return problem_of_value(values[0], schema)
    except RecursionError:
        return ("deep", "", "")
    except Exception as error:  # noqa: BLE001 - whatever the libraries raise for a schema like this
        return ("schema", "", str(error))


def problem_of_value(value: Any, schema: Any) -> Answer:
    # a registry of nothing: the library would fetch what a schema refers to
    validator = Draft202012Validator(schema, registry=Registry())
    problem = best_match(validator.iter_errors(value))
    return None if problem is None else ("value", problem.json_path, problem.message)


def problem_of_schema(schema: Any) -> Answer:
    """Return what is wrong with a schema: a reference to elsewhere, or no schema at all."""
    for reference in references_in(schema):
        if not reference.startswith("#"):
            return ("reference", "", reference)
    for pattern in patterns_in(schema):
        try:
            re.compile(pattern)
        except re.error as error:
            return ("schema", "", f"{pattern!r}: {error}")
    problem = best_match(Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema))
    return None if problem is None else ("schema", problem.json_path, problem.message)


def references_in(schema: Any) -> Iterator[str]:
    for key, value in pairs_in(schema):
        if key in REFERENCES and isinstance(value, str):
            yield value


def patterns_in(schema: Any) -> Iterator[str]:
    for key, value in pairs_in(schema):
        if key == "pattern" and isinstance(value, str):
            yield value
        if key == "patternProperties" and isinstance(value, dict):
            yield from value


def pairs_in(schema: Any) -> Iterator[tuple[str, Any]]:
    """Yield the keywords of a schema and of all within it."""
    inside = [schema]
    while inside:
        part = inside.pop()
        if isinstance(part, list):
            inside.extend(part)
        elif isinstance(part, dict):
            yield from part.items()
            inside.extend(value for key, value in part.items() if key not in DATA)
