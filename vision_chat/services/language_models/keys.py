"""Keys of endpoints: encrypted in their rows, or held by variables of the environment.

A key is encrypted for the address that it was typed for, and opens at no other one: whoever changes the
address of an endpoint, even in the database, cannot have the key sent there. What encrypts is derived from
SECRET_KEY; SECRET_KEY_FALLBACKS still open what they have encrypted.
"""

import base64
import hmac
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext_noop

from vision_chat.errors.turns import ModelKeyError
from vision_chat.models import Endpoint

PURPOSE: Final = b"vision-chat key of an endpoint, version 1: "
UNREADABLE: Final = gettext_noop(
    "The stored key cannot be read, because SECRET_KEY was changed. Enter the key again, or name the earlier "
    "SECRET_KEY in SECRET_KEY_FALLBACKS."
)
NO_VARIABLE: Final = gettext_noop("The variable %(name)s is not set in the environment of the server.")


def encrypted(key: str, base_url: str) -> str:
    """Return the key as it is stored: readable for this address only, with this SECRET_KEY."""
    return _cipher(base_url).encrypt(key.encode()).decode()


def key_of(endpoint: Endpoint) -> str:
    """Return the key that is sent to an endpoint, "" where it has none.

    Raises ModelKeyError where it has one that cannot be had; its detail says to an administrator why.
    """
    if endpoint.key_variable:
        return _key_in(endpoint.key_variable)
    if not endpoint.encrypted_key:
        return ""
    try:
        return _cipher(endpoint.base_url).decrypt(endpoint.encrypted_key.encode()).decode()
    except InvalidToken:
        raise ModelKeyError(UNREADABLE) from None


def is_there(endpoint: Endpoint) -> bool:
    """Tell whether the key of an endpoint can be had, or it has none."""
    try:
        key_of(endpoint)
    except ModelKeyError:
        return False
    return True


def is_key_in(variable: str, key: str) -> bool:
    """Tell whether the variable holds this key."""
    held = settings.VISION_CHAT.endpoint_keys.get(variable, "")
    return bool(held) and hmac.compare_digest(held.encode(), key.encode())


def renew_keys() -> int:
    """Encrypt every key with the newest SECRET_KEY, and return how many of them cannot be read.

    After it the fallbacks are needed for no key any more.
    """
    unreadable = 0
    for endpoint in Endpoint.objects.exclude(encrypted_key=""):
        newest = _cipher(endpoint.base_url, with_fallbacks=False)
        try:
            newest.decrypt(endpoint.encrypted_key.encode())
        except InvalidToken:
            unreadable += not _renew(endpoint)
    return unreadable


def _renew(endpoint: Endpoint) -> bool:
    try:
        renewed = _cipher(endpoint.base_url).rotate(endpoint.encrypted_key.encode()).decode()
    except InvalidToken:
        return False
    # a key that was typed meanwhile stays
    same = Endpoint.objects.filter(pk=endpoint.pk, encrypted_key=endpoint.encrypted_key)
    same.update(encrypted_key=renewed)
    return True


def _key_in(variable: str) -> str:
    key: str = settings.VISION_CHAT.endpoint_keys.get(variable, "")
    if not key:
        raise ModelKeyError(NO_VARIABLE % {"name": variable})
    return key


def _cipher(base_url: str, *, with_fallbacks: bool = True) -> MultiFernet:
    """Return what encrypts with the newest secret, and decrypts with each."""
    fallbacks = settings.SECRET_KEY_FALLBACKS if with_fallbacks else ()
    return MultiFernet([Fernet(_derived(secret, base_url)) for secret in (settings.SECRET_KEY, *fallbacks)])


def _derived(secret: str, base_url: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE + base_url.encode())
    return base64.urlsafe_b64encode(derivation.derive(secret.encode()))
