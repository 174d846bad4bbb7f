"""Troubles that the server must hold off: NUL, bodies too long, a full disk, a locked database."""

import errno
import json
import socket
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, connections
from django.test import override_settings
from websockets import Origin
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.support.client import PASSWORD, Browser
from tests.support.server import PATIENCE, Server
from vision_chat.consumers import SIGNED_OUT
from vision_chat.models import Conversation

NUL_ADDRESSES = [
    "/?q=%00",
    "/conversations/?before=%00",
    "/c/%00/",
    "/images/%00/",
    "/accounts/login/?next=%00",
    "/setup/%00/",
    "/admin/%00/",
    "/admin/vision_chat/conversation/?q=%00",
    "/admin/vision_chat/conversation/?model=%00",
    "/admin/vision_chat/conversation/?owner__id__exact=%00",
    "/admin/vision_chat/conversation/?updated_at__gte=%00",
    "/admin/vision_chat/conversation/%00/change/",
    "/admin/auth/user/?q=%00",
    "/admin/autocomplete/?app_label=vision_chat&model_name=conversation&field_name=owner&term=%00",
]
NUL_COOKIE = '"\\000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"'
"""As Python and Django write a NUL into a cookie."""


@pytest.mark.each_database
def test_an_address_with_nul_is_a_mistake_of_the_one_who_asks(
    open_browser: Callable[[User], Browser], administrator: User
) -> None:
    browser = open_browser(administrator)
    for path in NUL_ADDRESSES:
        assert browser.get(path).status_code in {400, 404}, path


@pytest.mark.each_database
def test_a_cookie_with_nul_is_no_session(visitor: Browser) -> None:
    for path in ("/", "/admin/", "/accounts/login/", "/images/"):
        response = visitor.get(path, headers={"Cookie": f"sessionid={NUL_COOKIE}; theme={NUL_COOKIE}"})
        assert response.status_code in {200, 302, 405}, path


def test_a_socket_whose_cookie_has_nul_is_signed_out(visitor: Browser) -> None:
    visitor.cookies = {"sessionid": NUL_COOKIE}
    opened = visitor.socket()

    assert opened.receive()["code"] == "session.ended"
    assert opened.wait_closed() == SIGNED_OUT


@pytest.mark.each_database
def test_a_form_with_nul_is_shown_again(visitor: Browser, ann: User) -> None:
    for fields in ({"username": "ann\0", "password": PASSWORD}, {"username": "ann", "password": "\0"}):
        response = visitor.post("/accounts/login/", data=fields)
        assert response.status_code == 200
        assert "Null characters are not allowed." in response.text


@pytest.mark.each_database
def test_a_title_with_nul_is_refused_in_words(browser: Browser, ann: User) -> None:
    conversation = Conversation.objects.create(owner=ann)
    response = browser.post(f"/c/{conversation.pk}/rename/", data={"title": "\0"})

    assert (response.status_code, response.text) == (400, "Null characters are not allowed.")


def test_a_socket_to_an_unknown_path_is_closed_in_one_line(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    for path in ("/ws/other/", "/ws/chat", "/ws/chat/%00"):
        with pytest.raises(InvalidStatus) as refused:
            connect(f"ws://127.0.0.1:{server.port}{path}", origin=Origin(server.url), proxy=None)
        assert refused.value.response.status_code == 403

    assert len([record for record in caplog.records if record.name == "vision_chat.routing"]) <= 1
    assert [record for record in caplog.records if record.exc_info] == []


@pytest.fixture
def small_bodies(server: Server) -> Iterator[None]:
    with override_settings(VISION_CHAT=replace(settings.VISION_CHAT, max_image_bytes=1000)):
        yield


@pytest.mark.parametrize("length", [b"Content-Length: 20000000\r\n", b"Transfer-Encoding: chunked\r\n"])
@pytest.mark.usefixtures("small_bodies")
def test_who_sends_too_much_can_read_why_although_it_still_sends(server: Server, length: bytes) -> None:
    piece = b"x" * 100_000
    sent = b"186a0\r\n" + piece + b"\r\n" if b"chunked" in length else piece
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as peer:
        peer.sendall(b"POST /images/ HTTP/1.1\r\nHost: 127.0.0.1\r\n" + length + b"\r\n")
        for _ in range(200):
            peer.sendall(sent)
        if b"chunked" in length:
            peer.sendall(b"0\r\n\r\n")
        answer = b"".join(iter(lambda: peer.recv(65536), b""))

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert json.loads(body)["code"] == "image.too_many_bytes"


class _FullDisk:
    """A temporary folder that has no room left."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder / "gone")

    def __call__(self, *args: object, **kwargs: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device", self.folder)


@pytest.fixture
def full_tmpdir(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the opening of temporary files fail as on a full disk."""
    monkeypatch.setattr(tempfile, "_mkstemp_inner", _FullDisk(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.mark.one_server("the disk is full for the process of the test only")
@pytest.mark.usefixtures("full_tmpdir")
@pytest.mark.parametrize("size", [1000, 3_000_000])
def test_an_upload_to_a_full_disk_is_refused_in_a_sentence(browser: Browser, size: int) -> None:
    response = browser.upload(bytes(size))

    assert response.status_code == 507
    assert response.json()["code"] == "server.disk_full"
    assert response.json()["retryable"]


@pytest.fixture
def locked_database(server: Server, ann: User) -> Iterator[None]:
    """Somebody else holds the lock of SQLite; requests wait for it a tenth of a second only."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL locks rows, not the database")
    options = connections.settings["default"]["OPTIONS"]
    usual, options["timeout"] = options["timeout"], 0.1
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()
        options["timeout"] = usual


@pytest.mark.usefixtures("locked_database")
def test_signing_in_while_the_database_is_locked_says_so(visitor: Browser) -> None:
    fields = {"username": "ann", "password": PASSWORD}
    page = visitor.post("/accounts/login/", data=fields)
    visitor.http.headers["Accept"] = "text/html"
    html = visitor.post("/accounts/login/", data=fields)

    assert page.status_code == html.status_code == 503
    assert page.headers["Retry-After"] == html.headers["Retry-After"] == "5"
    assert page.json()["code"] == "server.database_unavailable"
    assert "The database is not responding." in html.text
    assert "Go to the chat" in html.text
    assert html.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_signing_out_clears_what_the_browser_has_cached(browser: Browser) -> None:
    response: httpx.Response = browser.post("/accounts/logout/")

    assert response.headers["Clear-Site-Data"] == '"cache"'
