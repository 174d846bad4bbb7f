"""Check what every page carries, and what no page and no log line holds."""

import logging
import secrets
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from tests.support import fake_scenarios as scenarios
from tests.support.client import Browser
from tests.support.server import running_server
from vision_chat.server.logs import RedactingFormatter

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
API_KEY = "sk-very-secret-0123456789"


def assert_hardened(headers: Any) -> None:
    assert headers["Content-Security-Policy"] == CSP
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=(self), display-capture=(self)" in headers["Permissions-Policy"]


@pytest.mark.parametrize(
    "path", ["/", "/accounts/login/", "/conversations/", "/c/nothing/", "/admin/", "/admin/login/"]
)
def test_every_page_is_hardened(browser: Browser, path: str) -> None:
    assert_hardened(browser.get(path).headers)


def test_a_refused_form_is_hardened_too(browser: Browser) -> None:
    response = browser.http.post("/accounts/logout/")
    assert response.status_code == 403
    assert_hardened(response.headers)


def test_an_unknown_address_gets_a_page_that_helps(browser: Browser) -> None:
    response = browser.get("/nowhere/")

    assert response.status_code == 404
    assert "This page does not exist" in response.text
    assert "urlpatterns" not in response.text


@pytest.mark.one_server("the log of another process is not seen here")
def test_a_bug_gets_a_page_without_its_traceback_and_a_log_line_with_it(
    browser: Browser, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ROOT_URLCONF = "tests.support.broken_urls"
    response = browser.get("/bug/")

    assert response.status_code == 500
    assert "The error has been logged" in response.text
    assert "Traceback" not in response.text
    assert "AttributeError" not in response.text
    assert_hardened(response.headers)
    assert "AttributeError" in caplog.text


def test_a_host_that_is_not_ours_gets_no_page(browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    response = browser.get("/accounts/login/", headers={"Host": "evil.example"})

    assert response.status_code == 400
    assert "evil.example" not in response.text


@pytest.mark.parametrize("path", ["/", "/c/{conversation}/", "/accounts/login/"])
def test_pages_of_a_person_are_kept_by_no_cache(browser: Browser, path: str) -> None:
    socket = browser.socket()
    conversation = socket.submit("Hello")
    socket.wait_for("reply.settled")
    headers = browser.get(path.format(conversation=conversation)).headers
    assert "no-store" in headers.get("Cache-Control", "")


def test_the_api_key_stands_on_no_page_and_in_no_log_line(
    ann: User, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ROOT_URLCONF = "tests.support.broken_urls"
    caplog.set_level(logging.DEBUG)
    with running_server(api_key=API_KEY) as server:
        server.fake.script(scenarios.error(401, {"message": f"Bad key {API_KEY}", "requestId": "r1"}))
        browser = Browser(server, ann)
        socket = browser.socket()
        conversation = socket.submit("Hello")
        socket.wait_for("reply.settled")
        pages = [browser.get(path).text for path in ("/", f"/c/{conversation}/", "/nowhere/", "/bug/")]
        assert server.next_call().headers["Authorization"] == f"Bearer {API_KEY}"
        browser.close()

    for text in (*pages, str(socket.events), caplog.text):
        assert API_KEY not in text
        assert settings.SECRET_KEY not in text


def test_the_settings_do_not_show_their_secrets() -> None:
    shown = repr(settings.VISION_CHAT)
    assert settings.VISION_CHAT.secret_key not in shown
    assert "api_key" not in shown
    assert "database_url" not in shown


def line(message: str, *args: object) -> str:
    record = logging.LogRecord("django", logging.WARNING, "", 0, message, args, None)
    return RedactingFormatter("{message}", ["hush", ""]).format(record)


def test_a_log_line_about_the_set_up_page_does_not_hold_its_token() -> None:
    token = secrets.token_urlsafe(24)

    assert line("Forbidden (%s): %s", "CSRF", f"/setup/{token}/") == "Forbidden (CSRF): /setup/[token]/"
    assert token not in line(f"Not Found: /setup/{token}")


def test_a_log_line_does_not_hold_what_is_declared_secret() -> None:
    assert line("Bearer hush was refused") == "Bearer [secret] was refused"
    assert line("nothing to hide") == "nothing to hide"


def test_the_log_of_the_product_declares_its_secrets() -> None:
    log: Any = settings.LOGGING
    formatter = log["formatters"]["line"]

    assert formatter["()"] == "vision_chat.server.logs.RedactingFormatter"
    assert settings.SECRET_KEY in formatter["secrets"]
    assert {handler["formatter"] for handler in log["handlers"].values()} == {"line"}
