"""The first administrator: whoever reads the server's terminal may create it, once."""

import hashlib
import secrets

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.utils.crypto import constant_time_compare

from vision_chat.models import SetupToken


def is_open() -> bool:
    """Whether there is nobody yet."""
    return not get_user_model().objects.exists()


def renew_token() -> str:
    """Make the token of this start; those of earlier ones end. Only its digest is kept."""
    token = secrets.token_urlsafe(24)
    SetupToken.objects.update_or_create(pk=1, defaults={"digest": _digest(token)})
    return token


def accepts(token: str) -> bool:
    stored = SetupToken.objects.filter(pk=1).first()
    return stored is not None and is_open() and constant_time_compare(stored.digest, _digest(token))


def create_administrator(token: str, user: AbstractUser) -> bool:
    """Save `user` as administrator, unless the token is not right or somebody was faster. Says whether."""
    with transaction.atomic():
        # the row is held until the commit, so that of two posts at once the second finds a user
        held = SetupToken.objects.select_for_update().filter(pk=1).first()
        if held is None or not accepts(token):
            return False
        user.is_staff = user.is_superuser = True
        user.save()
        held.delete()
    return True


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
