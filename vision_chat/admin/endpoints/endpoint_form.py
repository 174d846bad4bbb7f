"""The form of an endpoint: its key is written and never shown, and asked for again with each new address."""

import ipaddress
import re
import socket
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vision_chat.models import Endpoint
from vision_chat.services.completions.endpoints import has_secret
from vision_chat.services.language_models.keys import encrypted, is_key_in

MAX_KEY_LENGTH = 4096
LOCAL_NAMES = re.compile(r"[^.]+|.+\.(?:local|localhost|internal|lan|home\.arpa|test)", re.IGNORECASE)
"""Hosts that can only be of one's own network, such as another container."""

OF_CLOUDS = (ipaddress.ip_address("fd00:ec2::254"), ipaddress.ip_address("100.100.100.200"))
"""Addresses like those that are link-local, outside that range."""
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""Addresses of IPv6 that a network makes of those of IPv4, which they end with."""

ADDRESS_INVALID = _("The address must begin with https:// or http:// and name a host.")
ADDRESS_SECRET = _("The address must not contain a name, a password or a key. Enter the key in its field.")
ADDRESS_UNENCRYPTED = _(
    "A key would be sent to this address unencrypted. It must begin with https://, unless it is in your own "
    "network."
)
ADDRESS_REFUSED = _("This address belongs to no model server.")
KEY_INVALID = _("The key contains a space or another character that keys do not have.")
KEY_AGAIN = _("The address has changed. Enter the key again, or remove it.")
KEY_OF_VARIABLE = _(
    "Enter the key that this variable holds. It is only compared, so that nobody sends a key that they do "
    "not know to an address of their own."
)


class EndpointForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    key = forms.CharField(
        label=_("Key"),
        required=False,
        max_length=MAX_KEY_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"}),
    )
    remove_key = forms.BooleanField(label=_("Remove the stored key"), required=False)
    key_variable = forms.ChoiceField(label=_("Variable with the key"), required=False)

    class Meta:
        model = Endpoint
        fields = ("name", "base_url", "key_variable", "max_replies", "is_enabled")
        help_texts = {
            "base_url": _("Up to and including /v1, such as https://api.example.com/v1."),
            "is_enabled": _("Conversations go on with other models when it is disabled."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # read now: what is submitted is written to the instance while it is checked
        self._base_url, self._variable = self.instance.base_url, self.instance.key_variable
        self._has_key = bool(self.instance.encrypted_key)
        names = sorted({*settings.VISION_CHAT.endpoint_keys, *filter(None, [self._variable])})
        variable, key = self.fields.get("key_variable"), self.fields.get("key")
        if isinstance(variable, forms.ChoiceField):
            variable.choices = [("", gettext("None")), *((name, name) for name in names)]
            variable.help_text = _(
                "Instead of a stored key: a variable of the server’s environment that begins with CHAT_KEY_."
            )
        if key is not None:
            key.help_text = self._key_help()
        if not self._has_key:
            self.fields.pop("remove_key", None)

    def clean_base_url(self) -> str:
        """Return the address as requests use it."""
        address: str = self.cleaned_data["base_url"].strip()
        try:
            parts = urlsplit(address)
            is_sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_sound = False
        if not is_sound or re.search(r"[\s\x00-\x1f#\\]", address):
            raise ValidationError(ADDRESS_INVALID)
        if has_secret(address):
            raise ValidationError(ADDRESS_SECRET)
        if _is_link_local(parts.hostname or ""):
            raise ValidationError(ADDRESS_REFUSED)
        return address if parts.query else address.rstrip("/")

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if not re.fullmatch(r"[!-~]*", key):
            raise ValidationError(KEY_INVALID)
        return key

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        address, key, variable = cleaned["base_url"], cleaned.get("key", ""), cleaned.get("key_variable", "")
        has_moved = address != self._base_url
        if variable and (has_moved or variable != self._variable or key) and not is_key_in(variable, key):
            self.add_error("key", KEY_OF_VARIABLE)
        if not variable and not key and self._has_key and has_moved and not cleaned.get("remove_key"):
            self.add_error("key", KEY_AGAIN)
        keeps_key = self._has_key and not cleaned.get("remove_key")
        if (key or variable or keeps_key) and _is_open(address):
            self.add_error("base_url", ADDRESS_UNENCRYPTED)
        return cleaned

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - as Django has it
        """Store the key encrypted for its address, or drop it."""
        cleaned = self.cleaned_data
        if cleaned["key_variable"] or cleaned.get("remove_key"):
            self.instance.encrypted_key = ""
        if cleaned["key"] and not cleaned["key_variable"]:
            self.instance.encrypted_key = encrypted(cleaned["key"], cleaned["base_url"])
        return super().save(commit)

    def _key_help(self) -> str:
        if self._has_key:
            return gettext("A key is stored. It is never shown; what you enter here takes its place.")
        return gettext("Stored encrypted, and never shown again. Leave it empty where none is needed.")


def _is_open(address: str) -> bool:
    """Tell whether others may read what is sent to an address."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return False
    number = _number(host)
    if number is None:
        return not LOCAL_NAMES.fullmatch(host)
    return not (number.is_private or number.is_loopback)


def _is_link_local(host: str) -> bool:
    """Tell whether a host is one that only clouds answer at, with secrets of the machine."""
    number = _number(host)
    if number is None:
        return host.rstrip(".").lower() == "metadata.google.internal"
    return number.is_link_local or number in OF_CLOUDS


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the number that a host is called by, in whatever way it is written; None of a name.

    Systems take 2852039166, 0xA9FEA9FE and 169.254.43518 for 169.254.169.254 too.
    """
    try:
        number = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        try:
            return ipaddress.IPv4Address(socket.inet_aton(host.rstrip(".")))
        except (OSError, ValueError):
            return None
    if isinstance(number, ipaddress.IPv6Address):
        if number in TRANSLATED:
            return ipaddress.IPv4Address(number.packed[-4:])
        return number.ipv4_mapped or number
    return number
