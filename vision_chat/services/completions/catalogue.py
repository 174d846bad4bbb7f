"""Reads an endpoint's list of models: is one model offered, and which others take images.

Reading does no I/O; only `Catalogue.refresh` asks an endpoint, by the function that it is given.
"""

import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, Final

from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.entries import names_of, offers_images, rows_in

logger = logging.getLogger(__name__)

FOLDERS: Final = re.compile(r"^(?:.*/)?models/")
"""`models/` of Gemini, `accounts/fireworks/models/` and the like, which may be left out."""
ROUTING: Final = re.compile(r":(?:latest|nitro|floor|online|exacto|fastest|cheapest)$")
"""Ends that name no other model: Ollama's default tag, and wishes to a router of requests."""
DATE: Final = re.compile(r"-(?:20\d{6}|20\d\d-\d\d-\d\d)$")


class Offer(StrEnum):
    """Availability of a model; `UNKNOWN` where the endpoint has no list."""

    OFFERED = "offered"
    RETIRED = "retired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One model at one endpoint. `vision_models` are the names that could take its place."""

    offer: Offer
    vision_models: tuple[str, ...] = ()


UNKNOWN: Final = ModelStatus(Offer.UNKNOWN)


def status_of(model_name: str, body: bytes) -> ModelStatus:
    """Read a catalogue (the body of `GET /models`). Anything else gives UNKNOWN."""
    models = rows_in(body)
    if not models:
        return UNKNOWN
    offered = tuple(sorted({str(model["id"]) for model in models if offers_images(model)}))
    if _is_listed(model_name, models):
        return ModelStatus(Offer.OFFERED, offered)
    # llama.cpp answers with its one model whatever name it is asked for, and lists that as a file
    serves_any = all(model.get("owned_by") == "llamacpp" for model in models)
    return ModelStatus(Offer.UNKNOWN if serves_any else Offer.RETIRED, offered)


def _is_listed(model_name: str, models: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether a row has this name, or an alias, as servers spell names."""
    asked = _spelling(model_name)
    return any(_is_spelled(asked, name) for model in models for name in names_of(model))


def _spelling(name: str) -> str:
    """Return a name without what servers add or leave out: folders before it, `:latest`, capitals."""
    return ROUTING.sub("", FOLDERS.sub("", name.strip().casefold()))


def _is_spelled(asked: str, listed: str) -> bool:
    """Return whether a listed name is the asked one, is its dated version, or is a pattern for it."""
    spelled = _spelling(listed)
    if "*" in spelled:
        return fnmatchcase(asked, spelled)
    return asked == spelled or asked.removesuffix("-latest") == DATE.sub("", spelled)


class Catalogue:
    """The last known status of each model that was looked up. `look_up` asks an endpoint."""

    def __init__(self, look_up: Callable[[Endpoint], Awaitable[ModelStatus]]) -> None:
        self._look_up = look_up
        self._known: dict[tuple[str, str], ModelStatus] = {}

    def status_of(self, endpoint: Endpoint) -> ModelStatus:
        """Return the status of the endpoint's model; UNKNOWN where nobody has asked."""
        return self._known.get((endpoint.base_url, endpoint.model_name), UNKNOWN)

    async def refresh(self, endpoint: Endpoint) -> None:
        """Ask the endpoint's catalogue whether it still has the model."""
        status = await self._look_up(endpoint)
        self._known[endpoint.base_url, endpoint.model_name] = status
        if status.offer is Offer.RETIRED:
            logger.warning("The endpoint no longer offers %s", endpoint.model_name)
