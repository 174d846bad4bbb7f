"""The first administrator: a link that works once, for one person."""

import threading
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import override_settings

from tests.support.client import PASSWORD, Browser
from tests.support.server import Server
from vision_chat.models import SetupToken
from vision_chat.services.accounts import setup

OpenBrowser = Callable[[User | None], Browser]
GOOD = {"username": "root", "password1": PASSWORD, "password2": PASSWORD}


def set_up(browser: Browser, token: str, **fields: str) -> int:
    return browser.post(f"/setup/{token}/", data=GOOD | fields).status_code


def test_the_set_up_page_shows_a_form_that_tells_nobody_its_address(visitor: Browser) -> None:
    response = visitor.get(f"/setup/{setup.current_token()}/")

    assert response.status_code == 200
    assert 'name="password2"' in response.text
    assert response.headers["Referrer-Policy"] in {"no-referrer", "strict-origin"}
    assert "no-store" in response.headers["Cache-Control"]
    assert not User.objects.exists()


@pytest.mark.each_database
def test_setting_up_creates_the_administrator_and_signs_in(visitor: Browser) -> None:
    response = visitor.post(f"/setup/{setup.current_token()}/", data=GOOD)

    assert (response.status_code, response.headers["Location"]) == (302, "/")
    user = User.objects.get()
    assert user.get_username() == "root"
    assert user.is_superuser
    assert user.is_staff
    assert user.check_password(PASSWORD)
    assert visitor.get("/").status_code == 200
    assert visitor.get("/admin/").status_code == 200


def test_the_sign_in_says_how_to_set_up_until_somebody_did(visitor: Browser) -> None:
    page = visitor.get("/", follow_redirects=True).text
    assert "Look at what the server printed" in page
    assert 'name="password"' not in page
    User.objects.create_user("ann")

    assert 'name="password"' in visitor.get("/accounts/login/").text


def test_a_set_up_link_works_once(visitor: Browser, open_browser: OpenBrowser) -> None:
    token = setup.current_token()
    assert set_up(visitor, token) == 302
    assert set_up(open_browser(None), token, username="second") == 404
    assert visitor.get(f"/setup/{token}/").status_code == 404
    assert not SetupToken.objects.exists()


def test_a_wrong_token_is_not_there(visitor: Browser) -> None:
    token = setup.current_token()
    for wrong in ("a-guess", token[:-1], token.swapcase(), f"{token}x"):
        assert visitor.get(f"/setup/{wrong}/").status_code == 404
        assert set_up(visitor, wrong) == 404
    assert not User.objects.exists()


@pytest.mark.each_database
def test_a_further_start_prints_the_same_link(visitor: Browser) -> None:
    first, second = setup.current_token(), setup.current_token()

    assert first == second
    assert visitor.get(f"/setup/{first}/").status_code == 200
    assert SetupToken.objects.count() == 1


def test_with_another_secret_key_there_is_another_link(visitor: Browser) -> None:
    earlier = setup.current_token()
    with override_settings(SECRET_KEY="another" * 8):
        assert setup.current_token() != earlier
        assert visitor.get(f"/setup/{earlier}/").status_code == 404


def test_a_link_of_an_earlier_release_is_replaced(visitor: Browser) -> None:
    SetupToken.objects.create(pk=1, digest="a" * 64)

    assert visitor.get(f"/setup/{setup.current_token()}/").status_code == 200


def test_the_token_is_kept_hashed(visitor: Browser) -> None:
    token = setup.current_token()
    assert token not in str(SetupToken.objects.values_list().get())
    assert len(token) >= 32


def test_where_there_are_people_no_link_opens(visitor: Browser) -> None:
    token = setup.current_token()
    User.objects.create_user("ann")

    assert not setup.is_open()
    assert visitor.get(f"/setup/{token}/").status_code == 404
    assert set_up(visitor, token) == 404
    assert User.objects.count() == 1


@pytest.mark.each_database
def test_of_many_who_set_up_at_once_one_succeeds(server: Server, open_browser: OpenBrowser) -> None:
    token = setup.current_token()
    browsers = [open_browser(None) for _ in range(6)]
    together = threading.Barrier(len(browsers))
    statuses: list[int] = []

    def post(browser: Browser, name: str) -> None:
        together.wait()
        statuses.append(set_up(browser, token, username=name))

    threads = [
        threading.Thread(target=post, args=(browser, f"chief{index}"))
        for index, browser in enumerate(browsers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert User.objects.count() == 1
    assert sorted(statuses) == [302, 404, 404, 404, 404, 404]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"password1": "short1x", "password2": "short1x"}, "at least"),
        ({"password1": "password123", "password2": "password123"}, "too common"),
        ({"password1": "90210834571", "password2": "90210834571"}, "entirely numeric"),
        (
            {"username": "annamaria", "password1": "annamaria1", "password2": "annamaria1"},
            "too similar",
        ),
        ({"password2": "another one"}, "match"),
        ({"username": ""}, "required"),
        ({"username": "a b"}, "valid username"),
    ],
)
def test_a_weak_set_up_is_refused_with_a_sentence(
    visitor: Browser, fields: dict[str, str], sentence: str
) -> None:
    response = visitor.post(f"/setup/{setup.current_token()}/", data=GOOD | fields)

    assert response.status_code == 200
    assert sentence in response.text
    assert PASSWORD not in response.text
    assert not User.objects.exists()
