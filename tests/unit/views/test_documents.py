"""PDFs over HTTP: opened, looked at, their pages made to pictures, given up."""

import os
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from PIL import Image

from tests.support import sample_documents, sample_images
from tests.support.client import Browser
from tests.support.server import running_server
from vision_chat.models import UploadedImage
from vision_chat.server.body_limit import FORM_OVERHEAD_BYTES
from vision_chat.services.documents import open_documents
from vision_chat.services.documents.open_documents import KEPT_DOCUMENTS, KEPT_SECONDS, PASSWORD_TRIES

REPORT = sample_documents.pdf(["The first page", "", "The third\npage"], colours=["", "1 0 0"])


def upload(browser: Browser, data: bytes = REPORT, name: str = "report.pdf") -> httpx.Response:
    return browser.post("/documents/", files={"document": (name, data)})


def open_one(browser: Browser, data: bytes = REPORT) -> str:
    """Return the address of a document."""
    return f"/documents/{upload(browser, data).json()['id']}/"


def files_of(user: User) -> list[Path]:
    return [path for path in (settings.VISION_CHAT.documents_dir / str(user.pk)).rglob("*") if path.is_file()]


def colour(data: bytes) -> tuple[int, ...]:
    with Image.open(BytesIO(data)) as image:
        return tuple(round(level / 64) for level in image.convert("RGB").resize((1, 1)).getpixel((0, 0)))  # type: ignore[union-attr]


@pytest.mark.each_database
def test_a_page_becomes_a_picture_of_its_own_size_and_name(browser: Browser, ann: User) -> None:
    answer = upload(browser)
    assert answer.status_code == 201
    document = answer.json()
    assert (document["name"], document["pages"], document["has_text"]) == ("report.pdf", 3, True)
    taken = browser.post(f"/documents/{document['id']}/2/take/")

    assert taken.status_code == 201
    assert taken.json()["name"] == "report.pdf, page 2"
    image = UploadedImage.objects.get()
    assert (image.source, image.source_format) == ("page", "PDF")
    assert 3_900_000 < image.width * image.height < 4_000_000
    assert abs(image.height / image.width - 842 / 595) < 0.002
    original = Path(image.original.path)
    assert original.suffix == ".png", "kept without loss"
    assert colour(original.read_bytes()) == (4, 0, 0)
    assert {path.name for path in files_of(ann)} == {"document", "facts.json", f"taken-{image.pk.hex}"}


def test_previews_are_small_and_drawn_together(browser: Browser, ann: User) -> None:
    document = open_one(browser)
    response = browser.get(f"{document}2/")

    assert response.headers["Content-Type"] == "image/webp"
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert len(response.content) < 25_000
    assert colour(response.content) == (4, 0, 0)
    assert {path.name for path in files_of(ann)} == {
        "document", "facts.json", "1.webp", "2.webp", "3.webp"
    }  # fmt: skip


def test_a_page_that_cannot_be_drawn_has_no_preview_and_is_refused_with_a_sentence(browser: Browser) -> None:
    document = open_one(browser, sample_documents.with_broken_page(3, 2))

    assert browser.get(f"{document}2/").status_code == 404
    assert browser.get(f"{document}3/").status_code == 200
    refused = browser.post(f"{document}2/take/")
    assert refused.status_code == 400
    assert refused.json()["message"].startswith("Page 2 cannot be drawn")


def test_the_text_of_pages_is_headed_by_their_numbers(browser: Browser) -> None:
    document = open_one(browser)
    answer = browser.get(f"{document}text/?pages=3,1,2").json()

    assert answer == {
        "text": "report.pdf, page 3:\n\nThe third\npage\n\nreport.pdf, page 1:\n\nThe first page",
        "pages": 2,
    }
    assert browser.get(f"{document}text/?pages=1,a").status_code == 404
    assert browser.get(f"{document}text/?pages=4").status_code == 404


def test_a_password_is_asked_for_and_opens_it_for_good(browser: Browser, ann: User) -> None:
    answer = upload(browser, sample_documents.with_password("tea")).json()
    assert answer["pages"] == 0
    document = f"/documents/{answer['id']}/"
    wrong = browser.post(f"{document}unlock/", data={"password": "coffee"})
    assert wrong.json()["code"] == "document.wrong_password"
    assert browser.post(f"{document}unlock/", data={"password": "tea"}).json()["pages"] == 1

    assert "Behind a password" in browser.get(f"{document}text/?pages=1").json()["text"]
    assert all(b"tea" not in path.read_bytes() for path in files_of(ann))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.7 and no more", "document.not_readable"),
        (sample_images.encoded(sample_images.chart(), "PNG"), "document.not_readable"),
        (sample_documents.locked(sample_documents.numbered(1)), "document.protected"),
        (sample_documents.numbered(6), "document.too_many_pages"),
    ],
)
def test_what_cannot_be_opened_is_refused_with_a_sentence_and_not_kept(
    browser: Browser, ann: User, monkeypatch: pytest.MonkeyPatch, data: bytes, code: str
) -> None:
    monkeypatch.setattr(open_documents, "MAX_PAGES", 5)
    response = upload(browser, data)

    assert (response.status_code, response.json()["code"]) == (400, code)
    assert files_of(ann) == []


def test_a_document_that_is_too_large_is_refused_before_it_is_stored(ann: User) -> None:
    with running_server(max_image_bytes=1000) as server:
        browser = Browser(server, ann)
        response = upload(browser, b"%PDF" + b"0" * (1000 + FORM_OVERHEAD_BYTES))
        browser.close()

    assert response.status_code == 413
    assert response.json()["code"] == "document.too_many_bytes"


def test_documents_and_their_pages_count_as_uploads(ann: User) -> None:
    with running_server(max_uploads_per_minute=2) as server:
        browser = Browser(server, ann)
        document = open_one(browser)
        assert browser.post(f"{document}1/take/").status_code == 201
        assert browser.post(f"{document}2/take/").json()["code"] == "image.too_many_uploads"
        browser.close()


def test_a_document_is_nobody_elses_and_is_never_served(
    browser: Browser, open_browser: Callable[[User | None], Browser]
) -> None:
    ben_browser = open_browser(User.objects.create_user("ben"))
    document = open_one(browser)

    assert ben_browser.get(f"{document}1/").status_code == 404
    assert ben_browser.get(f"{document}text/?pages=1").json()["code"] == "document.gone"
    assert ben_browser.post(f"{document}1/take/").json()["code"] == "document.gone"
    ben_browser.post(f"{document}remove/")
    assert browser.get(f"{document}1/").status_code == 200
    assert browser.get(document).status_code == 404


def test_given_up_it_is_gone_at_once(browser: Browser, ann: User) -> None:
    document = open_one(browser)
    assert browser.post(f"{document}remove/").status_code == 204

    assert files_of(ann) == []
    assert (
        browser.get(f"{document}1/").json()["message"].startswith("This document is no longer on the server.")
    )
    assert browser.post(f"{document}remove/").status_code == 204


def test_a_further_document_takes_the_place_of_the_oldest(browser: Browser) -> None:
    documents = [open_one(browser) for _ in range(KEPT_DOCUMENTS + 1)]

    assert [browser.get(f"{one}1/").status_code for one in documents] == [404, *[200] * KEPT_DOCUMENTS]


def test_what_nobody_uses_is_swept(browser: Browser, ann: User) -> None:
    old, new = open_one(browser), open_one(browser)
    folder = settings.VISION_CHAT.documents_dir / str(ann.pk) / old.split("/")[2].replace("-", "")
    long_ago = time.time() - KEPT_SECONDS - 1
    os.utime(folder, (long_ago, long_ago))
    browser.server.call(browser.server.runtime.documents.sweep())

    assert browser.get(f"{old}1/").status_code == 404
    assert browser.get(f"{new}1/").status_code == 200


def test_strangers_are_sent_to_the_sign_in(
    browser: Browser, open_browser: Callable[[User | None], Browser]
) -> None:
    document, stranger = open_one(browser), open_browser(None)
    responses = [stranger.get(f"{document}1/"), stranger.post(f"{document}1/take/")]

    assert [response.status_code for response in responses] == [302, 302]


def tiff(*colours: str, size: tuple[int, int] = (300, 200)) -> bytes:
    first, *others = [Image.new("RGB", size, colour) for colour in colours]
    return sample_images.encoded(first, "TIFF", save_all=True, append_images=others, compression="tiff_lzw")


def test_a_tiff_of_several_pages_that_is_uploaded_is_opened_and_no_picture_yet(
    browser: Browser, ann: User
) -> None:
    answer = browser.upload(tiff("red", "lime", "blue"), "scans.tif")
    assert answer.status_code == 201
    document = answer.json()["document"]
    assert (document["name"], document["pages"], document["has_text"]) == ("scans.tif", 3, False)
    assert not UploadedImage.objects.exists()
    preview = browser.get(f"/documents/{document['id']}/2/")
    assert colour(preview.content) == (0, 4, 0)
    taken = browser.post(f"/documents/{document['id']}/3/take/")

    assert taken.json()["name"] == "scans.tif, page 3"
    image = UploadedImage.objects.get()
    assert (image.source, image.source_format) == ("page", "TIFF")
    assert (image.width, image.height) == (300, 200)
    assert colour(Path(image.original.path).read_bytes()) == (0, 0, 4)
    assert browser.get(f"/documents/{document['id']}/text/?pages=1").json() == {"text": "", "pages": 0}
    assert browser.post(f"/documents/{document['id']}/unlock/", data={"password": "a"}).status_code == 400


def test_a_tiff_of_one_page_is_a_picture_without_asking(browser: Browser, ann: User) -> None:
    assert "document" not in browser.upload(tiff("red"), "scan.tif").json()
    assert UploadedImage.objects.get().source == "upload"
    assert files_of(ann) == []


def test_a_tiff_with_too_many_pages_is_refused_with_a_sentence(
    browser: Browser, ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_documents, "MAX_PAGES", 2)
    answer = browser.upload(tiff("red", "lime", "blue"), "scans.tif")

    assert (answer.status_code, answer.json()["code"]) == (400, "document.too_many_pages")
    assert files_of(ann) == []


def test_pages_of_a_tiff_that_are_damaged_or_huge_are_refused_with_a_sentence(browser: Browser) -> None:
    data = tiff("red", "lime", size=(9000, 9000))
    document = f"/documents/{browser.upload(data, 'huge.tif').json()['document']['id']}/"
    assert browser.get(f"{document}1/").status_code == 404
    refused = browser.post(f"{document}1/take/")
    assert refused.status_code == 400
    assert refused.json()["message"].startswith("Page 1 cannot be drawn")


def test_what_only_begins_as_a_tiff_does_is_refused_as_a_document(browser: Browser, ann: User) -> None:
    answer = upload(browser, b"II*\0" + b"\xff" * 100, "scans.tif")
    assert (answer.status_code, answer.json()["code"]) == (400, "document.not_readable")
    assert files_of(ann) == []


def test_passwords_are_tried_so_many_times_a_minute(
    browser: Browser, ann: User, open_browser: Callable[[User | None], Browser]
) -> None:
    document = f"/documents/{upload(browser, sample_documents.with_password('tea')).json()['id']}/"
    tries = [browser.post(f"{document}unlock/", data={"password": str(n)}) for n in range(PASSWORD_TRIES)]
    assert {each.json()["code"] for each in tries} == {"document.wrong_password"}
    refused = browser.post(f"{document}unlock/", data={"password": "tea"})

    assert (refused.status_code, refused.json()["code"]) == (429, "document.too_many_passwords")
    assert refused.json()["message"].startswith(f"You tried {PASSWORD_TRIES} passwords")
    ben = open_browser(User.objects.create_user("ben"))
    other = f"/documents/{upload(ben, sample_documents.with_password('tea')).json()['id']}/"
    assert ben.post(f"{other}unlock/", data={"password": "tea"}).status_code == 200
