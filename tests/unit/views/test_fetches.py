"""Pictures and PDFs by address, over HTTP: progress, what comes, what is refused, what is given up."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User

from tests.support import sample_documents, sample_images
from tests.support.client import Browser
from tests.support.server import Server, running_server
from tests.support.web_server import WebServer, fetcher_for
from vision_chat.models import UploadedImage

CHART = sample_images.encoded(sample_images.chart(), "PNG")


@pytest.fixture
def web(server: Server) -> Iterator[WebServer]:
    """A site that the server may reach, in place of all others."""
    web = WebServer()
    server.call(web.__aenter__())
    fetcher = fetcher_for(web)
    server.runtime.fetcher.rules = fetcher.rules
    server.runtime.fetcher.lookup = fetcher.lookup
    yield web
    server.call(web.__aexit__(None, None, None))


def fetch(browser: Browser, address: str) -> httpx.Response:
    return browser.post("/images/from-address/", data={"address": address})


def lines(response: httpx.Response) -> list[dict[str, Any]]:
    return [json.loads(line) for line in response.text.splitlines()]


@pytest.mark.each_database
def test_a_picture_by_its_address_is_stored_as_an_upload_is(browser: Browser, web: WebServer) -> None:
    web.has("/zoo/black%20cat.png", CHART)
    response = fetch(browser, web.url("/zoo/black%20cat.png"))

    assert response.status_code == 200
    first, *_, last = lines(response)
    assert first == {"received": 0, "total": None}
    image = UploadedImage.objects.get()
    assert (image.name, image.source, image.source_format) == ("black cat.png", "address", "PNG")
    assert last["image"]["id"] == str(image.pk)
    assert browser.get(last["image"]["thumbnail_url"]).status_code == 200


def test_a_pdf_by_its_address_is_opened(browser: Browser, web: WebServer) -> None:
    web.has("/report", sample_documents.numbered(4), "application/pdf")
    document = lines(fetch(browser, web.url("/report")))[-1]["document"]

    assert (document["name"], document["pages"]) == ("report", 4)
    assert browser.get(f"/documents/{document['id']}/4/").status_code == 200


def test_a_tiff_of_several_pages_by_its_address_is_opened_too(browser: Browser, web: WebServer) -> None:
    web.has("/scans.tif", sample_images.animation("TIFF"), "image/tiff")
    document = lines(fetch(browser, web.url("/scans.tif")))[-1]["document"]

    assert document["pages"] > 1
    assert browser.get(f"/documents/{document['id']}/2/").status_code == 200
    assert not UploadedImage.objects.exists()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/none.png", "address.status"),
        ("/page", "address.page"),
        ("/words.png", "image.type_not_supported"),
        ("/broken.pdf", "document.not_readable"),
    ],
)
def test_what_cannot_be_taken_is_said_at_the_end(
    browser: Browser, web: WebServer, path: str, code: str
) -> None:
    web.has("/page", b"<p>A page", "text/html")
    web.has("/words.png", b"no picture")
    web.has("/broken.pdf", b"%PDF-1.7")
    error = lines(fetch(browser, web.url(path)))[-1]["error"]

    assert error["code"] == code
    assert error["message"].endswith(".")
    assert not UploadedImage.objects.exists()


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://127.0.0.1/", "address.not_public"),
        ("http://169.254.169.254/latest/", "address.not_public"),
        ("file:///etc/passwd", "address.invalid"),
        ("", "address.invalid"),
    ],
)
def test_a_server_as_it_is_refuses_what_is_not_public(browser: Browser, address: str, code: str) -> None:
    response = fetch(browser, address)

    assert (response.status_code, response.json()["code"]) == (400, code)


def test_whoever_hangs_up_ends_the_fetch_and_nothing_is_kept(
    browser: Browser, web: WebServer, server: Server
) -> None:
    web.answers["/unending"] = [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"half"]
    token = "a" * 32
    browser.http.cookies.set("csrftoken", token)
    headers = {"X-CSRFToken": token, "Referer": f"{server.url}/"}
    data = {"address": web.url("/unending")}
    with browser.http.stream("POST", "/images/from-address/", data=data, headers=headers) as response:
        coming = response.iter_lines()
        while json.loads(next(coming))["received"] != 4:
            pass
    server.call(web.closed.wait())

    assert not UploadedImage.objects.exists()
    server.until(lambda: not server.runtime.fetcher._running)


def test_what_is_fetched_counts_as_an_upload(ann: User) -> None:
    with running_server(max_uploads_per_minute=1) as server:
        browser = Browser(server, ann)
        browser.upload(CHART)
        error = lines(fetch(browser, "https://example.org/"))[-1]["error"]
        browser.close()

    assert error["code"] == "image.too_many_uploads"


def test_a_site_can_do_without(ann: User) -> None:
    with running_server(fetches_addresses=False) as server:
        browser = Browser(server, ann)
        assert fetch(browser, "https://example.org/").status_code == 404
        browser.close()
