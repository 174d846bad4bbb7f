"""Sessions: that of a socket, checked at each command, and all others of a person."""

from collections.abc import Iterable
from importlib import import_module

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, parse_cookie
from django.utils import timezone

from vision_chat.errors.turns import SignedOutError


def session_key_of(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return the key in the session cookie of an ASGI scope's headers.

    Channels' session middleware is not used, because it loads the session for every frame that is sent.
    """
    for name, value in headers:
        if name == b"cookie":
            key = parse_cookie(value.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
            return None if key is None or "\0" in key else key  # PostgreSQL fails where it gets a NUL
    return None


class SocketSession:
    """The session of one socket. `person_id` is what the latest check found.

    `expected` is the key of the person whose page it is: in a browser that several share, somebody else may
    have signed in since, who must not send what the page holds.
    """

    def __init__(self, key: str | None, expected: str = "") -> None:
        self._key = key
        self._expected = expected
        self.person_id: int | None = None

    def refuse_nobody(self) -> None:
        """Raise SignedOutError where there is no session at all, which takes no look at the database."""
        if not self._key:
            raise SignedOutError

    def user(self) -> AbstractBaseUser:
        """Return the active user of the session, as Django's middleware would. Called on a database thread.

        Raises SignedOutError where the session has ended, is somebody else's than expected, or the account
        or its password has changed.
        """
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(self._key)
        user = get_user(request) if self._key else None
        if not isinstance(user, AbstractBaseUser):
            raise SignedOutError
        if self._expected and self._expected != str(user.pk):
            raise SignedOutError
        self.person_id = user.pk
        return user


def end_others(user: AbstractBaseUser, kept: str | None) -> None:
    """End every session of a person but the one with the key `kept`.

    Django's sessions have no owner, so all are read: 10,000 take half a second, once in a long while
    (docs/decisions/0029-the-account-page.md).
    """
    store = import_module(settings.SESSION_ENGINE).SessionStore
    person_id = str(user._meta.pk.value_to_string(user))
    current = store.get_model_class().objects.filter(expire_date__gt=timezone.now())
    theirs = [
        session.session_key
        for session in current.exclude(session_key=kept).iterator()
        if session.get_decoded().get(SESSION_KEY) == person_id
    ]
    for key in theirs:
        store(key).delete()
