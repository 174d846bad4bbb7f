"""Limits of the server that a model runs on, by its address."""

from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from vision_chat.services.vision.family import is_named
from vision_chat.services.vision.rules.kinds import AnyRule


class ModelLimits(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Limits of a server for some of its models only."""

    patterns: tuple[str, ...] = ()
    max_images: int | None = None
    context_tokens: int | None = None
    copy_rule: AnyRule | None = None


class Server(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry of `data/servers.toml`. Bytes of an image are those of its file, before base64."""

    id: str
    addresses: tuple[str, ...]
    source: str
    read_on: date
    max_images: int | None = None
    max_image_side: int | None = None
    max_image_bytes: int | None = None
    max_body_bytes: int | None = None
    text_first: bool = False
    models: tuple[ModelLimits, ...] = ()

    def limits_for(self, model_name: str) -> ModelLimits:
        """Return what is different for this model; no limits at all if nothing is."""
        return next(
            (limits for limits in self.models if is_named(model_name, limits.patterns)), ModelLimits()
        )


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    servers: tuple[Server, ...]


UNKNOWN = Server(id="unknown", addresses=(), source="", read_on=date.min)


@cache
def servers() -> tuple[Server, ...]:
    """Return all servers with limits of their own."""
    text = (files(__package__) / "data" / "servers.toml").read_bytes()
    return msgspec.toml.decode(text, type=_File).servers


def server_of(base_url: str) -> Server:
    """Return the server at this address, or `UNKNOWN`, which has no limits."""
    address = urlsplit(base_url)
    host = address.hostname or ""
    names = (host, f"{host}:{address.port}")
    return next((server for server in servers() if _is_at(server, names)), UNKNOWN)


def _is_at(server: Server, names: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for name in names for pattern in server.addresses)
