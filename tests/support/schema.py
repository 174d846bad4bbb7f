"""The schema of a chat-completion request, as the default model's provider publishes it."""

import json
from typing import Any

from tests.support.paths import DATA

SCHEMA: dict[str, Any] = json.loads((DATA / "chat-completions.schema.json").read_text())
MODEL_NAME = "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo"
