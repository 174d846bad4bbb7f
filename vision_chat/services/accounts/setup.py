"""The set-up of the first administrator, by a token that the server prints when it starts."""

import hashlib
import secrets

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.utils.crypto import constant_time_compare

from vision_chat.models import SetupToken


def is_open() -> bool:
    """Tell whether no account exists yet."""
    return not get_user_model().objects.exists()


def renew_token() -> str:
    """Return a new token, which replaces the one of an earlier start. Only its digest is stored."""
    token = secrets.token_urlsafe(24)
    SetupToken.objects.update_or_create(pk=1, defaults={"digest": _digest(token)})
    return token


def is_valid(token: str) -> bool:
    """Tell whether this is the current token and no account exists yet."""
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


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
