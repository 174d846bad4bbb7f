"""Who is asking? The session behind a socket, checked anew at each command."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import cast

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.http import HttpRequest, parse_cookie
from django.utils import timezone

from vision_chat.errors.turns import SignedOutError
from vision_chat.models import rows


def session_key_of(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The key in the session cookie of an ASGI scope's headers.

    Read here, because Channels' session middleware looks at the session at every frame that is sent.
    """
    for name, value in headers:
        if name == b"cookie":
            return parse_cookie(value.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
    return None


# the ORM takes three times as long to compose this as the database to answer it
_UNCHANGED = (
    "WHERE id = %s AND EXISTS"  # noqa: S608 - only the name of a table
    f" (SELECT 1 FROM {Session._meta.db_table} WHERE session_key = %s AND expire_date > %s)"
)


class SocketSession:
    """The session of one socket, which every command checks anew. Called on the writer's thread."""

    def __init__(self, key: str | None) -> None:
        self._key = key
        self._user_id: int | None = None
        self._password = ""

    def user(self) -> AbstractBaseUser:
        """The active user whose session this is. Raises SignedOutError."""
        return self._unchanged_user() or self._user_of_session()

    def _unchanged_user(self) -> AbstractBaseUser | None:
        """In one query: the session is still there, and neither account nor password has changed."""
        if self._user_id is None:
            return None
        found = rows.read(User, _UNCHANGED, [self._user_id, self._key, timezone.now()])
        user = found[0] if found else None
        if user is None or not user.is_active or user.password != self._password:
            return None
        return user

    def _user_of_session(self) -> AbstractBaseUser:
        """Django's own check, which also knows sessions signed with an older secret key."""
        request = SimpleNamespace(session=SessionStore(self._key), META={})
        user = get_user(cast(HttpRequest, request)) if self._key else None
        if not isinstance(user, User):
            raise SignedOutError
        self._user_id, self._password = user.pk, user.password
        return user
