"""Signing in and out, and the guessing of passwords."""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import caches

from tests.support.client import PASSWORD, Browser
from tests.support.server import Server
from vision_chat.forms import SignInForm
from vision_chat.services.accounts.login_throttle import FREE_FAILURES, LONGEST_WAIT, LoginThrottle
from vision_chat.services.site.cache import SiteCache

pytestmark = pytest.mark.one_server("the clock of the sign-in form stands still in its process only")

OpenBrowser = Callable[[User | None], Browser]


class Clock:
    def __init__(self) -> None:
        self.time = 1_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the sign-in form, which stands still: else a wait could be over before the next try."""
    clock = Clock()
    monkeypatch.setattr(SignInForm, "now", clock)
    return clock


def sign_in(browser: Browser, password: str = PASSWORD, **fields: str) -> str:
    """`in`, `wait`, or `wrong`."""
    response = browser.post("/accounts/login/", data={"username": "ann", "password": password} | fields)
    if response.status_code == 302:
        return "in"
    return "wait" if "Too many wrong passwords" in response.text else "wrong"


def guess(count: int, browser: Browser) -> list[str]:
    return [sign_in(browser, f"guess {number}") for number in range(count)]


def test_the_right_password_signs_in(ann: User, visitor: Browser) -> None:
    assert sign_in(visitor) == "in"
    assert visitor.get("/").status_code == 200


@pytest.mark.each_database
def test_signing_in_changes_the_session(ann: User, visitor: Browser) -> None:
    """A session that somebody else put into the browser before must not become Ann's."""
    visitor.http.cookies.set("sessionid", "known-to-somebody-else")
    sign_in(visitor)
    keys = [cookie.value for cookie in visitor.http.cookies.jar if cookie.name == "sessionid"]
    assert keys[-1] != "known-to-somebody-else"


def test_cookies_are_out_of_reach_of_scripts(ann: User, visitor: Browser) -> None:
    response = visitor.post("/accounts/login/", data={"username": "ann", "password": PASSWORD})
    cookies = response.headers.get_list("Set-Cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("sessionid"))
    assert "HttpOnly" in session
    assert "SameSite=Lax" in session


def test_a_deactivated_person_cannot_sign_in(ann: User, visitor: Browser) -> None:
    User.objects.update(is_active=False)
    assert sign_in(visitor) == "wrong"


@pytest.mark.each_database
def test_after_five_wrong_passwords_one_has_to_wait(ann: User, visitor: Browser, clock: Clock) -> None:
    assert guess(6, visitor) == ["wrong"] * 5 + ["wait"]
    assert sign_in(visitor) == "wait", "the right one too, or guessing would go on"
    clock.time += 2
    assert sign_in(visitor) == "in"


def test_after_a_wrong_password_the_cursor_stands_in_the_password(ann: User, visitor: Browser) -> None:
    fields = {"username": "ann", "password": "wrong"}
    page = visitor.post("/accounts/login/", data=fields).text
    focused = [tag for tag in re.findall("<input[^>]*>", page) if "autofocus" in tag]

    assert [re.findall(' name="([^"]*)"', tag) for tag in focused] == [["password"]]


def test_where_the_cache_is_away_each_process_slows_guesses_down_by_itself(
    settings: Any, clock: Clock
) -> None:
    nobody_listens = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://127.0.0.1:9/0",
    }
    settings.CACHES = {"default": nobody_listens}
    attempt = LoginThrottle("ann", "192.0.2.1", clock, SiteCache(caches["default"]))

    assert [attempt.begin() for _ in range(6)] == [0] * 5 + [2]
    attempt.succeeded()
    assert attempt.begin() == 0


def test_other_spellings_of_the_name_are_the_same_account(ann: User, visitor: Browser) -> None:
    guess(5, visitor)
    for spelling in ("ANN", " ann ", "\N{FULLWIDTH LATIN SMALL LETTER A}nn"):
        assert sign_in(visitor, username=spelling) == "wait"


def test_an_empty_password_does_not_pardon_the_guesses(ann: User, visitor: Browser) -> None:
    guess(4, visitor)
    sign_in(visitor, "")
    assert sign_in(visitor, "guess") == "wrong"
    assert sign_in(visitor, "guess") == "wait"


@pytest.mark.each_database
def test_the_right_password_pardons_the_wrong_ones(ann: User, visitor: Browser, server: Server) -> None:
    guess(4, visitor)
    assert sign_in(visitor) == "in"
    visitor.post("/accounts/logout/")
    assert guess(5, visitor) == ["wrong"] * 5


def test_the_door_of_the_admin_is_slowed_down_together_with_the_other(
    administrator: User, visitor: Browser
) -> None:
    values = {"username": "root", "password": "guess"}
    for _ in range(5):
        visitor.post("/admin/login/", data=values)
    assert "Too many wrong passwords" in visitor.post("/admin/login/", data=values).text
    assert sign_in(visitor, username="root") == "wait"


@pytest.mark.each_database
def test_the_wait_doubles_and_ends(db: None, clock: Clock) -> None:
    attempt = LoginThrottle("ann", "192.0.2.1", clock)
    assert [attempt.begin() for _ in range(FREE_FAILURES["account"])] == [0, 0, 0, 0]
    waits = []
    for _ in range(8):
        assert attempt.begin() == 0, "after the wait it is let in at once"
        waits.append(attempt.begin())
        clock.time += waits[-1]

    assert waits == [2, 4, 8, 16, 32, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT]


def test_guesses_from_one_address_slow_down_nobody_else(db: None, clock: Clock) -> None:
    attacker = LoginThrottle("ann", "192.0.2.66", clock)
    while not attacker.begin():
        pass
    assert LoginThrottle("ann", "192.0.2.1", clock).begin() == 0
    assert LoginThrottle("bob", "192.0.2.66", clock).begin() == 0


def test_one_address_that_tries_many_names_is_slowed_down(db: None, clock: Clock) -> None:
    waits = [
        LoginThrottle(f"name{number}", "192.0.2.66", clock).begin()
        for number in range(FREE_FAILURES["address"] + 2)
    ]
    assert waits[-1] > 0
    assert waits[:-1] == [0] * (FREE_FAILURES["address"] + 1)


def test_many_who_sign_in_rightly_from_one_address_are_not_slowed_down(db: None) -> None:
    for number in range(FREE_FAILURES["address"] * 3):
        attempt = LoginThrottle(f"name{number}", "192.0.2.1")
        assert attempt.begin() == 0
        attempt.succeeded()


@pytest.mark.each_database
def test_guesses_at_once_are_counted_each(db: None, clock: Clock) -> None:
    attempt = LoginThrottle("ann", "192.0.2.1", clock)
    together = threading.Barrier(12)
    waits: list[int] = []

    def guess_once() -> None:
        together.wait()
        waits.append(attempt.begin())

    threads = [threading.Thread(target=guess_once) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    let_in = waits.count(0)

    assert let_in > FREE_FAILURES["account"]
    assert attempt.begin() == min(2 ** (let_in - FREE_FAILURES["account"]), LONGEST_WAIT)


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/c/00000000-0000-0000-0000-000000000000/", "/c/00000000-0000-0000-0000-000000000000/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_after_signing_in_one_stays_on_this_site(
    ann: User, visitor: Browser, wanted: str, reached: str
) -> None:
    values = {"username": "ann", "password": PASSWORD, "next": wanted}
    assert visitor.post("/accounts/login/", data=values).headers["Location"] == reached


def test_one_who_was_sent_to_sign_in_comes_back_to_where_they_wanted(ann: User, visitor: Browser) -> None:
    sent = visitor.get("/c/00000000-0000-0000-0000-000000000000/").headers["Location"]
    assert "/c/00000000-0000-0000-0000-000000000000/" in visitor.get(sent).text


@pytest.mark.each_database
def test_signing_out_ends_the_session_for_good(ann: User, browser: Browser) -> None:
    key = browser.cookies["sessionid"]
    assert browser.post("/accounts/logout/").status_code == 302
    browser.http.cookies.set("sessionid", key)

    assert browser.get("/").status_code == 302
