"""Addresses as people type them: read by the library that then connects, so that both see the same host."""

import re
from ipaddress import ip_address
from typing import Final

from yarl import URL

from vision_chat.errors.fetching import AddressInvalidError, AddressNotPublicError
from vision_chat.services.fetching.rules import Rules

MAX_LENGTH: Final = 2000
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_LOGIN: Final = re.compile(r"[^/?#]*@")
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.IGNORECASE)
_NUMBER: Final = re.compile(r"\d+|0x[0-9a-f]*", re.IGNORECASE)
_PRIVATE_NAMES: Final = (
    *("localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "private"),
    *("home.arpa", "onion", "test", "invalid", "metadata.goog", "instance-data"),
)
"""Names, and ends of names, that lead to no public address, whatever a look-up says."""


def target_of(text: str, rules: Rules) -> URL:
    """Return the address that a text names; "https://" may be left out. Raises FetchErrors."""
    text = text.strip()
    if not text.isprintable() or len(text) > MAX_LENGTH or set(text) & {"\\", " "}:
        raise AddressInvalidError
    scheme = _SCHEME.match(text)
    if _LOGIN.match(text, scheme.end() if scheme else 0):
        raise AddressInvalidError
    return _checked(_read(text if scheme else f"https://{text}"), rules)


def redirect_of(url: URL, location: str, rules: Rules) -> URL:
    """Return the address that a redirect leads to. Raises FetchErrors."""
    if not location.strip():
        raise AddressInvalidError
    return target_of(str(url.join(_read(location.strip()))), rules)


def _checked(url: URL, rules: Rules) -> URL:
    """Return an address whose host, port and form are allowed, without its fragment. Raises FetchErrors."""
    if url.scheme not in {"http", "https"} or url.raw_user is not None or not url.raw_host:
        raise AddressInvalidError
    host = url.raw_host.removesuffix(".")
    if not _is_allowed(host, rules) or url.port not in rules.ports:
        raise AddressNotPublicError
    return (url if host == url.raw_host else url.with_host(host)).with_fragment(None)


def is_ip(host: str) -> bool:
    """Tell whether a host is an IP address in its usual form."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _read(text: str) -> URL:
    try:
        return URL(text)
    except ValueError as error:
        raise AddressInvalidError from error


def _is_allowed(host: str, rules: Rules) -> bool:
    if is_ip(host):
        return rules.allow(host)
    labels = host.lower().split(".")
    if len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)):
        return False
    # programs read a name that ends in a number as an IP address, in one of several ways
    is_number = _NUMBER.fullmatch(labels[-1]) is not None
    return not is_number and not f".{host.lower()}".endswith(tuple(f".{name}" for name in _PRIVATE_NAMES))
