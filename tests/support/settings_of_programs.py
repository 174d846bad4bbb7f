"""The product's settings for programs that tests start on Redis, with channels of their own."""

import os
from typing import Any

from chatsite.settings import *  # noqa: F403
from chatsite.settings import CHANNEL_LAYERS

_layer: dict[str, Any] = CHANNEL_LAYERS["default"]["CONFIG"]  # type: ignore[assignment]
_layer["prefix"] = os.environ["TEST_CHANNEL_PREFIX"]
