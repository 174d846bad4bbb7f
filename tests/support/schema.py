"""The schema of a chat-completion request, as the default model's provider publishes it."""

import json
from collections.abc import Mapping
from typing import Any

import jsonschema

from tests.support.paths import DATA

SCHEMA: dict[str, Any] = json.loads((DATA / "chat-completions.schema.json").read_text())
MODEL_NAME = "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo"
OURS = frozenset({"tools", "tool_choice", "echo"})
"""Parameters that other endpoints have, and the schema of the default model has not."""


def expect_valid(body: Mapping[str, Any]) -> None:
    """Hold the body of a request against the schema: of any model, with no keys but its own and OURS."""
    properties = {name: _nullable(value) for name, value in SCHEMA["properties"].items()}
    properties["model"] = {"type": "string"}
    properties |= {name: {} for name in OURS}
    jsonschema.validate(body, {**SCHEMA, "properties": properties, "additionalProperties": False})


def _nullable(part: Any) -> Any:
    """Read `nullable`, which JSON Schema does not know."""
    if isinstance(part, list):
        return [_nullable(item) for item in part]
    if not isinstance(part, dict):
        return part
    read = {key: _nullable(value) for key, value in part.items() if key != "nullable"}
    return {"anyOf": [read, {"type": "null"}]} if part.get("nullable") is True else read
