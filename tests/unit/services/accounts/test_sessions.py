"""Sessions, whatever engine keeps them: that of a socket, and all others of a person."""

from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.test import override_settings

from vision_chat.errors.turns import SignedOutError
from vision_chat.services.accounts.sessions import SocketSession, end_others, session_key_of

pytestmark = pytest.mark.each_database

ENGINES = ("db", "cached_db", "cache", "signed_cookies")


def signed_in(person: User) -> str:
    """The key of a session in which the person is signed in, kept by the engine of the settings."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.save()
    return str(store.session_key)


@pytest.mark.parametrize("engine", ENGINES)
def test_user_is_that_of_the_session_with_every_engine(ann: User, engine: str) -> None:
    with override_settings(SESSION_ENGINE=f"django.contrib.sessions.backends.{engine}"):
        assert SocketSession(signed_in(ann)).user() == ann


@pytest.mark.parametrize("key", [None, "", "a key that nobody has"])
def test_user_of_no_session_is_refused(ann: User, key: str | None) -> None:
    with pytest.raises(SignedOutError):
        SocketSession(key).user()


def test_user_is_refused_after_the_account_was_closed_or_its_password_changed(ann: User) -> None:
    session = SocketSession(signed_in(ann))
    ann.is_active = False
    ann.save()
    with pytest.raises(SignedOutError):
        session.user()
    ann.is_active = True
    ann.set_password("another correct horse")
    ann.save()
    with pytest.raises(SignedOutError):
        session.user()


def test_user_is_refused_where_the_page_is_somebody_elses(ann: User) -> None:
    bob = User.objects.create_user("bob")
    key = signed_in(ann)
    assert SocketSession(key, expected=str(ann.pk)).user() == ann
    with pytest.raises(SignedOutError):
        SocketSession(key, expected=str(bob.pk)).user()


def test_a_session_of_before_a_change_of_the_secret_key_goes_on_under_its_key(ann: User) -> None:
    """A browser hears of another key by the answer to a request alone."""
    with override_settings(SECRET_KEY="the earlier one" * 4, SECRET_KEY_FALLBACKS=[]):
        key = signed_in(ann)
    with override_settings(SECRET_KEY="the new one" * 4, SECRET_KEY_FALLBACKS=["the earlier one" * 4]):
        assert SocketSession(key).user() == ann
        assert SocketSession(key).user() == ann
    with (
        override_settings(SECRET_KEY="the new one" * 4, SECRET_KEY_FALLBACKS=[]),
        pytest.raises(SignedOutError),
    ):
        SocketSession(key).user()


@pytest.mark.parametrize("engine", ["db", "cached_db"])
def test_end_others_ends_all_sessions_of_a_person_but_one(ann: User, stranger: User, engine: str) -> None:
    with override_settings(SESSION_ENGINE=f"django.contrib.sessions.backends.{engine}"):
        kept, *ended = (signed_in(ann) for _ in range(3))
        theirs = signed_in(stranger)
        end_others(ann, kept)

        assert SocketSession(kept).user() == ann
        assert SocketSession(theirs).user() == stranger
        for key in ended:
            with pytest.raises(SignedOutError):
                SocketSession(key).user()


def test_end_others_leaves_visitors_who_are_not_signed_in(ann: User) -> None:
    visitor = import_module(settings.SESSION_ENGINE).SessionStore()
    visitor["something"] = "kept"
    visitor.save()
    end_others(ann, None)

    assert visitor.exists(visitor.session_key)


def test_session_key_of_takes_the_session_cookie_among_others() -> None:
    headers = [(b"host", b"chat.example"), (b"cookie", b"theme=dark; sessionid=abc")]
    assert session_key_of(headers) == "abc"
    assert session_key_of(headers[:1]) is None
