"""The JSON Schemas of lines, which are files beside this module."""

import json
from pathlib import Path
from typing import Any, Final

from vision_chat.services.reviews.exports.choices import Format

FOLDER: Final = Path(__file__).parent


def schema_of(kind: Format) -> dict[str, Any]:
    """Return the schema of a line in this format. A table has none."""
    text = (FOLDER / f"{kind.value}.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
