"""Questions as the use-cases of a conversation take them."""

import uuid
from typing import Any

from vision_chat.services.conversations.turns import NewGeneration, Question

NEW = NewGeneration("some/model", "http://endpoint/v1", "boot")


def question(text: str = "What is this?", **values: Any) -> Question:
    usual: dict[str, Any] = {"conversation_id": uuid.uuid4(), "client_id": uuid.uuid4(), "image_ids": []}
    return Question(**(usual | {"text": text, "max_images": 3} | values))
