"""Where completions come from, and what each kind of endpoint takes.

Providers differ in what they accept. Every difference is a value in the table below, never a branch in
the code that talks to them.
"""

import re
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Final
from urllib.parse import urlsplit

from vision_chat.conf import MEGABYTE
from vision_chat.errors.base import ConfigurationError


@dataclass(frozen=True, slots=True)
class Tiles:
    """The picture is cut into square tiles of `side` pixels, at most `across` in each direction."""

    side: int
    across: int
    tokens_each: int

    def tokens(self, width: int, height: int) -> int:
        columns = min(self.across, max(width // self.side, 1))
        rows = min(self.across, max(height // self.side, 1))
        return columns * rows * self.tokens_each


@dataclass(frozen=True, slots=True)
class Area:
    """Every `pixels_per_token` pixels cost a token."""

    pixels_per_token: int

    def tokens(self, width: int, height: int) -> int:
        return max(1, -(-width * height // self.pixels_per_token))


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRules:
    """What an endpoint takes. Token counts of pictures are estimates; the bill is the answer's `usage`."""

    max_images: int = 8  # in one request
    image_before_text: bool = True  # needed by Llama 3.2 Vision, harmless elsewhere
    fold_system_text_into_user_when_pictures: bool = False
    max_image_side: int = 2048  # the model sees no more than this
    max_image_bytes: int = 4 * MEGABYTE
    max_body_bytes: int = 16 * MEGABYTE  # the whole request, pictures as base64
    context_tokens: int = 32_768
    max_output_tokens: int = 4_096  # sent as max_tokens always: the usual default of 512 cuts answers
    image_cost: Tiles | Area = Area(pixels_per_token=750)

    def image_tokens(self, width: int, height: int) -> int:
        """Estimate what a picture of this size costs."""
        return self.image_cost.tokens(width, height)


GENERIC: Final = EndpointRules()

# One picture is what Meta recommends, and several hosts refuse more, or refuse a system message beside it.
LLAMA_VISION: Final = EndpointRules(
    max_images=1,
    fold_system_text_into_user_when_pictures=True,
    max_image_side=1120,
    max_image_bytes=MEGABYTE,
    max_body_bytes=4 * MEGABYTE,
    context_tokens=131_072,
    image_cost=Tiles(side=560, across=2, tokens_each=1601),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """`model` and `host` are shell patterns, compared without regard to case."""

    model: str
    host: str
    rules: EndpointRules

    def matches(self, model_name: str, host: str) -> bool:
        return fnmatchcase(model_name.lower(), self.model) and fnmatchcase(host.lower(), self.host)


# The first entry that matches counts.
TABLE: Final = (
    Entry("*llama-3.2-*vision*", "api.groq.com", replace(LLAMA_VISION, context_tokens=8_192)),
    Entry("*llama-3.2-*vision*", "*", LLAMA_VISION),
    Entry("*llama3.2-vision*", "*", LLAMA_VISION),  # Ollama's name for the same weights
    Entry("*", "api.groq.com", replace(GENERIC, max_images=5, max_body_bytes=4 * MEGABYTE)),
    Entry("*", "api.fireworks.ai", replace(GENERIC, max_images=30, max_body_bytes=10 * MEGABYTE)),
)


def rules_for(base_url: str, model_name: str) -> EndpointRules:
    """The rules for this model at this address; sane generic ones for anything unknown."""
    host = urlsplit(base_url).hostname or ""
    return next((entry.rules for entry in TABLE if entry.matches(model_name, host)), GENERIC)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A base URL such as `https://api.aimlapi.com/v1`, a model there, and perhaps a key."""

    base_url: str
    model_name: str
    api_key: str = field(default="", repr=False)
    rules: EndpointRules = GENERIC

    def __post_init__(self) -> None:
        address = urlsplit(self.base_url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ConfigurationError(problem="The endpoint's address must begin with https:// or http://.")
        if not re.fullmatch(r"[!-~]*", self.api_key):
            raise ConfigurationError(problem="The API key holds a space or a character that no key has.")
        if not self.model_name:
            raise ConfigurationError(problem="The endpoint needs the name of a model.")
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))

    @classmethod
    def of(cls, base_url: str, model_name: str, api_key: str = "") -> "Endpoint":
        """An endpoint with the rules that the table has for it."""
        rules = rules_for(base_url, model_name)
        return cls(base_url=base_url, model_name=model_name, api_key=api_key, rules=rules)
