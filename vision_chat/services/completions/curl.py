"""The request of a completion as a command for the shell, without the key. No I/O."""

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from vision_chat.services.completions.endpoints import Endpoint

AIMLAPI_HOST: Final = "api.aimlapi.com"
SHOWN_QUERIES: Final = frozenset({"api-version"})
"""Parts of an address's query that hold no secret. Of others the value is not shown."""
_UNPRINTABLE: Final = re.compile(r"[^\n -~]")


def json_text(value: object) -> str:
    """Return JSON for people to read and to copy.

    Signs that cannot be seen are escaped, so that none does anything in a terminal or turns a line around.
    """
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return _UNPRINTABLE.sub(lambda sign: sign[0] if sign[0].isprintable() else _escaped(sign[0]), text)


def shown_address(endpoint: Endpoint) -> str:
    """Return the address that is called, without a name, a password or a secret in its query."""
    address = urlsplit(endpoint.url("/chat/completions"))
    host = address.netloc.rpartition("@")[2]
    parts = parse_qsl(address.query, keep_blank_values=True)
    query = "&".join(f"{name}={value if name in SHOWN_QUERIES else '…'}" for name, value in parts)
    return urlunsplit((address.scheme, host, address.path, query, ""))


def curl(endpoint: Endpoint, body: Mapping[str, Any]) -> str:
    """Return a command for sh that sends this body, with the key of an environment variable."""
    name = "AIMLAPI_KEY" if urlsplit(endpoint.base_url).hostname == AIMLAPI_HOST else "CHAT_KEY"
    key = f"api-key: ${name}" if endpoint.wants_api_key_header else f"Authorization: Bearer ${name}"
    # no line of JSON is the word that ends it, and interactive shells would replace "!"
    text = json_text(body).replace("!", "\\u0021")
    return "\n".join(
        [
            f"curl --no-buffer {shlex.quote(shown_address(endpoint))} \\",
            f'  --header "{key}" \\',
            "  --header 'Content-Type: application/json' \\",
            "  --data-binary @- <<'REQUEST'",
            text,
            "REQUEST",
        ]
    )


def _escaped(sign: str) -> str:
    return json.dumps(sign)[1:-1] if not sign.isascii() else f"\\u{ord(sign):04x}"
