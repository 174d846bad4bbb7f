"""Where completions come from."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit, urlunsplit

from vision_chat.errors.base import ConfigurationError
from vision_chat.services.completions.habits import Habit, Habits
from vision_chat.services.vision.request_rules import RequestRules

AZURE: Final = re.compile(
    r"\.(?:openai|cognitiveservices|services\.ai)\.azure\.(?:com|us|cn)$", re.IGNORECASE
)
STREAMING: Final[Mapping[str, Any]] = {"stream": True, "stream_options": {"include_usage": True}}


LOGIN: Final = re.compile(r"//[^/?#]*@")
SECRETS: Final = re.compile(
    r"([?&][^=&#]*(?:key|token|secret|signature|sig|password|code)=)[^&#]+", re.IGNORECASE
)
"""Values of a query that are meant for nobody's eyes, each behind its name."""


def has_secret(address: str) -> bool:
    """Tell whether a name, a password or a key stands in the address."""
    return bool(LOGIN.search(address) or SECRETS.search(address))


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A base URL such as `https://api.aimlapi.com/v1`, a model there, and perhaps a key."""

    base_url: str
    model_name: str
    api_key: str = field(default="", repr=False)
    rules: RequestRules = field(default_factory=RequestRules)
    habits: Habits = field(default_factory=Habits)
    max_replies: int | None = None
    """Most replies that run there at once, with whatever model; None for no limit."""

    def __post_init__(self) -> None:
        address = urlsplit(self.base_url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ConfigurationError(problem="The endpoint’s address must begin with https:// or http://.")
        if not re.fullmatch(r"[!-~]*", self.api_key):
            raise ConfigurationError(
                problem="The API key contains a space or another character that keys do not have."
            )
        if not self.model_name:
            raise ConfigurationError(problem="The endpoint needs the name of a model.")
        if not address.query:
            object.__setattr__(self, "base_url", self.base_url.rstrip("/"))

    @property
    def address(self) -> str:
        """The address without name, password and key, under which habits are kept."""
        return SECRETS.sub(r"\1…", LOGIN.sub("//", self.base_url))

    def url(self, path: str) -> str:
        """Return the address of `path`, with the query of the base URL, which may be a whole address."""
        address = urlsplit(self.base_url)
        base = address.path.rstrip("/").removesuffix("/chat/completions")
        return urlunsplit((address.scheme, address.netloc, base + path, address.query, ""))

    def fields(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a request has beside model and messages, as the endpoint takes it."""
        return self.habits.fields({**parameters, **STREAMING})

    @property
    def wants_api_key_header(self) -> bool:
        """True for Azure, which takes a key in `Authorization` for a token of its directory."""
        address = urlsplit(self.base_url)
        return bool(AZURE.search(address.hostname or "") or "api-version" in parse_qs(address.query))

    def amended(self, more: Iterable[Habit]) -> "Endpoint":
        """Return this endpoint with more habits known, and its rules as narrow as they want them."""
        more = tuple(more)
        return replace(self, habits=self.habits.with_(more), rules=Habits(more).rules(self.rules))
