"""Sessions: that of a socket, checked at each command, and all others of a person."""

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sessions.backends.db import SessionStore as SessionsInDatabase
from django.http import parse_cookie
from django.utils import timezone
from django.utils.crypto import constant_time_compare

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
        self.key = key or ""
        self._expected = expected
        self.person_id: int | None = None

    def user(self) -> AbstractBaseUser:
        """Return the active user of the session. Called on a database thread. Raises SignedOutError."""
        return self.user_among(people_of([self.key]))

    def user_among(self, people: Mapping[str, AbstractBaseUser]) -> AbstractBaseUser:
        """Return the user of the session, where `people_of` has found people for this one and others.

        Raises SignedOutError where it has found none, or somebody else than expected.
        """
        user = people.get(self.key)
        if user is None or self._expected not in {"", str(user.pk)}:
            raise SignedOutError
        self.person_id = user.pk
        return user


def people_of(keys: Iterable[str]) -> dict[str, AbstractBaseUser]:
    """Return by its key whose each session is, where it has not ended; in two queries, however many.

    As Django's middleware finds them, but nothing is changed: that gives the session of a person another key
    after a change of SECRET_KEY, of which a browser hears by the answer to a request alone.
    """
    sessions = _contents_of({key for key in keys if key})
    ids = {key: _person_in(content) for key, content in sessions.items() if SESSION_KEY in content}
    people = get_user_model()._default_manager.in_bulk(set(ids.values()))
    return {
        key: people[person_id]
        for key, person_id in ids.items()
        if person_id in people and _is_signed_in(people[person_id], sessions[key])
    }


def _contents_of(keys: set[str]) -> dict[str, dict[str, Any]]:
    """Return what the sessions with these keys hold, of those that have not ended."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    if not issubclass(store, SessionsInDatabase):
        return {key: store(key).load() for key in keys}
    if not keys:
        return {}
    current = store.get_model_class().objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return {session.session_key: session.get_decoded() for session in current}


def _person_in(content: Mapping[str, Any]) -> Any:
    return get_user_model()._meta.pk.to_python(content[SESSION_KEY])


def _is_signed_in(user: AbstractBaseUser, content: Mapping[str, Any]) -> bool:
    """Tell whether the account is open, and has the password with which the session began."""
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return (
        user.is_active
        and content.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and any(constant_time_compare(content.get(HASH_SESSION_KEY, ""), each) for each in hashes)
    )


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
