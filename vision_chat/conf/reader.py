"""Typed look-ups of settings, with sentences for values that make no sense."""

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from vision_chat.errors.base import ConfigurationError

LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE)
BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
NO_PATH = (
    "it must be a scheme and a host, such as https://chat.example.org, because the site cannot be served "
    "below a path"
)
"""The complaint about another PUBLIC_URL. The page about the settings repeats it."""


class Reader:
    """Typed look-ups in a mapping of strings. An empty value counts as absent.

    Each method raises ConfigurationError where the value is not of its type.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str, default: str = "") -> str:
        return self._values.get(name, "").strip() or default

    def flag(self, name: str, default: str = "0") -> bool:
        value = self.text(name, default).lower()
        if value in {"1", "true", "yes", "on"}:
            return True
        if value in {"0", "false", "no", "off"}:
            return False
        raise _invalid(name, value, "use 1 or 0")

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """Read one of several words, the first by default."""
        value = self.text(name, choices[0]).lower()
        if value not in choices:
            raise _invalid(name, value, f"use {' or '.join(choices)}")
        return value

    def number(self, name: str, default: float, *, least: float) -> float:
        value = self.text(name)
        try:
            number = float(value) if value else default
        except ValueError:
            raise _invalid(name, value, "it must be a number") from None
        if not least <= number < float("inf"):
            raise _invalid(name, value, f"it must be at least {least:g}")
        return number

    def whole(self, name: str, default: int, *, least: int = 1) -> int:
        number = self.number(name, default, least=least)
        if number != int(number):
            raise _invalid(name, self.text(name), "it must be a whole number")
        return int(number)

    def optional_whole(self, name: str) -> int | None:
        return self.whole(name, 1) if self.text(name) else None

    def folder(self, name: str, base_dir: Path) -> Path | None:
        value = self.text(name)
        return (base_dir / Path(value).expanduser()).resolve() if value else None

    def items(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        items = tuple(item.strip() for item in self.text(name).split(",") if item.strip())
        return items or default

    def url(self, name: str, default: str = "", *, schemes: tuple[str, ...]) -> str:
        value = self.text(name, default).rstrip("/")
        return self._checked_url(name, value, schemes) if value else ""

    def origins(self, name: str) -> tuple[str, ...]:
        """Read a list of origins: a scheme, a host and perhaps a port."""
        items = (item.rstrip("/") for item in self.items(name))
        origins = tuple(self._checked_url(name, item, ("https", "http")) for item in items)
        for origin in origins:
            if urlsplit(origin).path:
                raise _invalid(name, origin, "leave out everything after the host")
        return origins

    def site_address(self, name: str) -> str:
        """Read the address of this site: an origin."""
        value = self.url(name, schemes=("https", "http"))
        if value.count("/") > 2 or not set(value).isdisjoint("?#@"):
            raise _invalid(name, value, NO_PATH)
        return value

    def key(self, name: str) -> str:
        """Read a value that is sent in a header."""
        value = self.text(name)
        if not value.isascii() or not value.isprintable() or " " in value:
            raise ConfigurationError(
                problem=f"{name} contains a space or another character that keys do not have."
            )
        return value

    def keys(self, beginning: str) -> dict[str, str]:
        """Read all variables whose names begin so, and that are not empty."""
        names = sorted(name for name in self._values if name.startswith(beginning) and self.text(name))
        return {name: self.key(name) for name in names}

    def bucket(self, name: str) -> str:
        value = self.text(name)
        if value and not BUCKET.fullmatch(value):
            raise _invalid(name, value, "give the name of a bucket alone, such as chat-pictures")
        return value

    def time_zone(self, name: str) -> str:
        value = self.text(name, "UTC")
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise _invalid(name, value, "give a name such as Europe/Vienna") from None
        return value

    def language(self, name: str) -> str:
        value = self.text(name, "en")
        if not LANGUAGE.fullmatch(value):
            raise _invalid(name, value, "give a code such as en or pt-br")
        return value

    def address(self, name: str, default: str) -> str:
        """Read the address of a network interface."""
        value = self.text(name, default)
        try:
            ipaddress.ip_address(value)
        except ValueError:
            raise _invalid(name, value, "give an address such as 10.0.0.1") from None
        return value

    def networks(self, name: str) -> tuple[str, ...]:
        for item in self.items(name):
            try:
                ipaddress.ip_network(item)
            except ValueError:
                raise _invalid(name, item, "give addresses or networks such as 10.0.0.0/8") from None
        return self.items(name)

    @staticmethod
    def _checked_url(name: str, value: str, schemes: tuple[str, ...]) -> str:
        try:
            parts = urlsplit(value)
            port_is_sound = parts.port is None or parts.port > 0
        except ValueError:
            port_is_sound = False
        beginnings = " or ".join(f"{scheme}://" for scheme in schemes)
        if not port_is_sound or parts.scheme not in schemes:
            raise _invalid(name, value, f"it must be an address that begins with {beginnings}")
        is_file = parts.scheme in {"sqlite", "unix"}
        if not (parts.path.strip("/").removeprefix(":memory:") if is_file else parts.hostname):
            raise _invalid(name, value, "it must name a file" if is_file else "it must name a host")
        return value


def _invalid(name: str, value: str, advice: str) -> ConfigurationError:
    secret = name.endswith(("_KEY", "_URL"))
    shown = "its value" if secret and "@" in value else f"“{value}”"
    return ConfigurationError(problem=f"{name} cannot be {shown}: {advice}.")
