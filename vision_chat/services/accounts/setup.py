"""The set-up of the first administrator, by a token that the server prints when it starts."""

import base64
import hashlib
import secrets

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from vision_chat.models import SetupToken


def is_open() -> bool:
    """Tell whether no account exists yet."""
    return not get_user_model().objects.exists()


def current_token() -> str:
    """Return the token, the same from each process and at each start until somebody has used it.

    It is derived from SECRET_KEY and what lies in the row: who has the database alone cannot make it.
    """
    with transaction.atomic():
        SetupToken.objects.get_or_create(pk=1)
        stored = SetupToken.objects.select_for_update().get(pk=1)
        token = _derived(stored.salt)
        if not stored.salt or stored.digest != _digest(token):  # a new row, or one of another SECRET_KEY
            stored.salt = secrets.token_hex(16)
            token = _derived(stored.salt)
            stored.digest = _digest(token)
            stored.save()
    return token


def is_valid(token: str) -> bool:
    """Tell whether this is the token and no account exists yet."""
    stored = SetupToken.objects.filter(pk=1).first()
    return stored is not None and is_open() and constant_time_compare(stored.digest, _digest(token))


def create_administrator(token: str, user: AbstractUser) -> bool:
    """Save `user` as administrator and delete the token. Returns False where the token is not valid."""
    with transaction.atomic():
        # locked until the commit, so that of two posts at once the second finds an account
        stored = SetupToken.objects.select_for_update().filter(pk=1).first()
        if stored is None or not is_valid(token):
            return False
        user.is_staff = user.is_superuser = True
        user.save()
        stored.delete()
    return True


def _derived(salt: str) -> str:
    digest = salted_hmac("vision_chat.setup", salt, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
