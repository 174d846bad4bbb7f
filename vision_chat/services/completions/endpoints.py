"""Where completions come from."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from vision_chat.errors.base import ConfigurationError
from vision_chat.services.vision.request_rules import RequestRules


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A base URL such as `https://api.aimlapi.com/v1`, a model there, and perhaps a key."""

    base_url: str
    model_name: str
    api_key: str = field(default="", repr=False)
    rules: RequestRules = field(default_factory=RequestRules)

    def __post_init__(self) -> None:
        address = urlsplit(self.base_url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ConfigurationError(problem="The endpoint's address must begin with https:// or http://.")
        if not re.fullmatch(r"[!-~]*", self.api_key):
            raise ConfigurationError(problem="The API key holds a space or a character that no key has.")
        if not self.model_name:
            raise ConfigurationError(problem="The endpoint needs the name of a model.")
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))
