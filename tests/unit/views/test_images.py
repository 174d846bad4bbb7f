"""Pictures over HTTP: taken or refused with a sentence, given up."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from PIL import Image

from tests.support import factories, sample_images
from tests.support.client import Browser
from tests.support.server import running_server
from vision_chat.models import UploadedImage
from vision_chat.server.body_limit import FORM_OVERHEAD_BYTES

CHART = sample_images.encoded(sample_images.chart(), "PNG")


def stored_files() -> set[Path]:
    return {path for path in settings.VISION_CHAT.media_dir.rglob("*") if path.is_file()}


@pytest.fixture
def assert_nothing_is_kept(transactional_db: None) -> Callable[[], None]:
    before = stored_files()

    def assert_it() -> None:
        assert not UploadedImage.objects.exists()
        assert stored_files() == before

    return assert_it


@pytest.mark.each_database
def test_an_upload_answers_with_what_the_page_shows(browser: Browser) -> None:
    response = browser.upload(sample_images.laden(sample_images.chart(), "JPEG", 6), "holiday.jpg")

    assert response.status_code == 201
    answer = response.json()
    image = UploadedImage.objects.get()
    assert answer == {
        "id": str(image.pk),
        "name": "holiday.jpg",
        "width": 240,
        "height": 160,
        "thumbnail_url": f"/images/{image.pk}/thumbnail/",
        "notes": [],
        "removed": ["Location data removed", "Hidden text removed"],
        "asked_before": None,
    }
    assert browser.get(answer["thumbnail_url"]).headers["Content-Type"].startswith("image/")


def test_what_was_changed_is_said_with_the_answer_and_kept_with_the_image(browser: Browser) -> None:
    page = sample_images.encoded(sample_images.screenshot((600, 6000)), "JPEG")[:-40]
    answer = browser.upload(page).json()

    assert [note.partition(".")[0] for note in answer["notes"]] == [
        "The end of this file is missing, so part of the picture may be grey",
        "This picture is so long that the model sees it much smaller and may not be able to read small text",
    ]
    assert UploadedImage.objects.get().notes == ["cut_off", "too_long_to_read"]


def test_a_photograph_beyond_the_limit_is_kept_smaller_and_its_size_is_said(ann: User) -> None:
    with running_server(max_image_megapixels=1) as server:
        browser = Browser(server, ann)
        answer = browser.upload(sample_images.photograph((1600, 1200))).json()
        browser.close()

    assert (answer["width"], answer["height"]) == (600, 800)
    assert "1200 × 1600" in answer["notes"][0]
    assert "600 × 800" in answer["notes"][0]
    image = UploadedImage.objects.get()
    assert (image.source_width, image.source_height) == (1200, 1600)


@pytest.mark.parametrize(
    ("limits", "status", "code"),
    [
        ({"max_unsent_images": 1}, 400, "image.too_many_unsent"),
        ({"max_unsent_bytes": 1}, 400, "image.too_many_unsent_bytes"),
        ({"max_uploads_per_minute": 1}, 429, "image.too_many_uploads"),
    ],
)
def test_what_one_person_uploads_has_limits_with_sentences(
    ann: User, limits: dict[str, int], status: int, code: str
) -> None:
    with running_server(**limits) as server:
        browser = Browser(server, ann)
        assert browser.upload(CHART).status_code == 201
        response = browser.upload(CHART)
        browser.close()

    assert response.status_code == status
    assert response.json()["code"] == code
    assert response.json()["message"].endswith("try again.")
    assert UploadedImage.objects.count() == 1


def test_nothing_is_taken_where_the_disk_would_be_too_full(
    ann: User, assert_nothing_is_kept: Callable[[], None]
) -> None:
    with running_server(min_free_bytes=1 << 60) as server:
        browser = Browser(server, ann)
        response = browser.upload(CHART)
        browser.close()

    assert response.status_code == 507
    assert response.json()["code"] == "server.disk_full"
    assert_nothing_is_kept()


@pytest.mark.parametrize("variant", ["original", "thumbnail", "model"])
@pytest.mark.parametrize("loss", ["deleted", "a folder", "in a file"])
def test_an_image_whose_file_is_lost_is_not_found(browser: Browser, variant: str, loss: str) -> None:
    image_id = browser.upload(CHART).json()["id"]
    folder = factories.paths(UploadedImage.objects.get())[0].parent
    names = [path.name for path in folder.iterdir()]
    shutil.rmtree(folder)
    if loss == "a folder":
        for name in names:
            (folder / name).mkdir(parents=True)
    elif loss == "in a file":
        folder.write_text("not a folder")

    assert browser.get(f"/images/{image_id}/{variant}/").status_code == 404


def test_an_upload_is_kept_in_three_files_that_only_the_server_reads(browser: Browser) -> None:
    browser.upload(CHART)
    image = UploadedImage.objects.get()

    for name in factories.file_names(image):
        path = Path(settings.VISION_CHAT.media_dir / name)
        assert path.stat().st_mode & 0o077 == 0
        assert path.parent.stat().st_mode & 0o077 == 0
        assert str(image.pk) not in name, "what pages show leads to no file"


def test_no_metadata_reaches_the_disk(browser: Browser) -> None:
    browser.upload(sample_images.laden(sample_images.chart(), "JPEG", 6))

    for name in factories.file_names(UploadedImage.objects.get()):
        assert sample_images.SECRET not in (settings.VISION_CHAT.media_dir / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Ann\\stairs.png", "stairs.png"),
        ("<script>.png", "<script>.png"),
        ("x" * 500 + ".png", "x" * 196 + ".png"),
        ("面白い.png", "面白い.png"),
    ],
)
@pytest.mark.each_database
def test_a_file_name_is_only_a_label(browser: Browser, name: str, kept: str) -> None:
    assert browser.upload(CHART, name).status_code == 201
    assert UploadedImage.objects.get().name == kept


HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "image.empty"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image.type_not_supported"),
    "html": (b"<!doctype html><script>alert(1)</script>", "image.type_not_supported"),
    "text": (b"Dear diary", "image.type_not_supported"),
    "cut": (sample_images.encoded(sample_images.scene((200, 150)), "JPEG")[:2000], "image.not_readable"),
    "endless scans": (sample_images.jpeg_with_scans(200), "image.not_readable"),
    "bomb": (sample_images.bomb(), "image.too_many_pixels"),
    "larger bomb": (sample_images.bomb(2_000_000_000, 2_000_000_000), "image.too_many_pixels"),
    "long": (sample_images.encoded(Image.new("1", (70_000, 1)), "PNG"), "image.too_long"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_image_is_refused_with_a_sentence_and_nothing_is_kept(
    browser: Browser, assert_nothing_is_kept: Callable[[], None], name: str
) -> None:
    data, code = HOSTILE[name]
    response = browser.upload(data, "innocent.jpg")

    assert response.status_code == 400
    assert response.json()["code"] == code
    assert response.json()["message"].endswith(".")
    assert_nothing_is_kept()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"data": {"images": "not a file"}},
        {"files": {"picture": ("a.png", CHART)}},
        {"content": b"--x\r\nbroken", "extra": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"content": b"{}", "extra": {"Content-Type": "application/json"}},
    ],
)
def test_an_upload_without_a_file_is_refused(
    browser: Browser, assert_nothing_is_kept: Callable[[], None], options: dict[str, Any]
) -> None:
    extra = options.get("extra", {})
    browser.http.headers.update(extra)
    rest = {name: value for name, value in options.items() if name != "extra"}
    response = browser.post("/images/", **rest)

    assert response.status_code == 400
    assert response.json()["code"] == "image.empty"
    assert_nothing_is_kept()


@pytest.fixture
def strict_browser(ann: User) -> Iterator[Browser]:
    """Of a server that takes pictures of a kilobyte."""
    with running_server(max_image_bytes=1000) as server:
        browser = Browser(server, ann)
        yield browser
        browser.close()


def test_a_file_of_too_many_bytes_is_refused_with_the_limit(
    strict_browser: Browser, assert_nothing_is_kept: Callable[[], None]
) -> None:
    response = strict_browser.upload(sample_images.encoded(sample_images.noise((60, 60)), "PNG"))

    assert response.status_code == 400
    assert response.json()["code"] == "image.too_many_bytes"
    assert "0.001 MB" in response.json()["message"]
    assert_nothing_is_kept()


def test_a_body_that_is_far_too_long_is_not_even_read(
    strict_browser: Browser, assert_nothing_is_kept: Callable[[], None]
) -> None:
    response = strict_browser.upload(bytes(1001 + FORM_OVERHEAD_BYTES))

    assert response.status_code == 413
    assert response.json()["code"] == "image.too_many_bytes"
    assert_nothing_is_kept()


def test_a_body_that_hides_its_length_ends_at_the_limit(
    strict_browser: Browser, assert_nothing_is_kept: Callable[[], None]
) -> None:
    pieces = (bytes(16 * 1024) for _ in range(FORM_OVERHEAD_BYTES // 16 // 1024 + 2))
    response = strict_browser.post("/images/", content=pieces)

    assert response.status_code == 413
    assert_nothing_is_kept()


def test_another_body_that_is_too_long_is_not_taken_for_a_picture(strict_browser: Browser) -> None:
    response = strict_browser.post("/login/", content=bytes(1001 + FORM_OVERHEAD_BYTES))

    assert response.status_code == 413
    assert "too large to send at once" in response.text
    assert "picture" not in response.text


def test_somebody_who_is_not_signed_in_cannot_fill_the_disk(strict_browser: Browser) -> None:
    strict_browser.http.cookies.clear()
    assert strict_browser.upload(bytes(1001 + FORM_OVERHEAD_BYTES)).status_code == 413


def test_the_server_goes_on_after_a_body_that_was_too_long(strict_browser: Browser) -> None:
    strict_browser.upload(bytes(1001 + FORM_OVERHEAD_BYTES))
    assert strict_browser.get("/").status_code == 200


def test_a_database_that_takes_nothing_is_said_in_a_sentence(browser: Browser) -> None:
    with factories.without_table("vision_chat_uploadedimage"):
        response = browser.upload(CHART)

    assert response.status_code == 400
    assert response.json()["code"] == "image.not_stored"


def test_a_full_disk_is_said_in_a_sentence_and_nothing_stays(
    browser: Browser, settings: Any, assert_nothing_is_kept: Callable[[], None]
) -> None:
    default = settings.STORAGES["default"] | {"BACKEND": "tests.support.full_disk.FullDisk"}
    settings.STORAGES = settings.STORAGES | {"default": default}
    response = browser.upload(CHART)

    assert response.status_code == 400
    assert response.json()["code"] == "image.not_stored"
    assert response.json()["message"].startswith("The server could not save this picture.")
    assert response.json()["retryable"]
    assert_nothing_is_kept()


def test_a_file_that_was_spooled_for_an_upload_goes_with_the_request(
    browser: Browser, settings: Any, tmp_path: Path
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    browser.upload(CHART)
    browser.upload(b"Dear diary")

    assert list(tmp_path.iterdir()) == []


def test_an_image_given_up_before_it_is_sent_goes_with_its_files(
    browser: Browser, assert_nothing_is_kept: Callable[[], None]
) -> None:
    image_id = browser.upload(CHART).json()["id"]
    assert browser.post(f"/images/{image_id}/remove/").status_code == 204
    assert browser.get(f"/images/{image_id}/original/").status_code == 404
    assert_nothing_is_kept()


@pytest.mark.parametrize("variant", ["original", "thumbnail", "model", "copy"])
def test_no_browser_keeps_a_picture_that_is_not_sent(browser: Browser, ann: User, variant: str) -> None:
    browser.upload(CHART)
    image = UploadedImage.objects.get()
    path = f"/images/{image.pk}/{variant}/"
    if variant == "copy":
        path = f"/images/{image.pk}/model/{image.copies.get().recipe}/"

    def cache() -> str:
        return browser.get(path).headers["Cache-Control"]

    assert cache() == "private, no-store"
    first = factories.turn(factories.conversation(ann))
    waiting = factories.waiting_for(first)
    factories.attach(waiting, image)
    assert cache() == "private, no-store", "it can be taken back and redacted"
    factories.attach(first, image)
    assert cache() == ("private, no-cache" if variant == "model" else "private, max-age=31536000, immutable")


def test_no_browser_keeps_a_canvas_with_a_picture_that_is_not_sent(browser: Browser, ann: User) -> None:
    sent, unsent = factories.image(ann), factories.image(ann)
    factories.attach(factories.turn(factories.conversation(ann)), sent)
    copy = sent.copies.get()
    path = f"/images/{sent.pk}/model/{copy.recipe}/"
    assert "immutable" in browser.get(path).headers["Cache-Control"]
    copy.others.add(unsent)
    assert browser.get(path).headers["Cache-Control"] == "private, no-store"


def test_an_image_that_was_sent_stays(browser: Browser, ann: User) -> None:
    image = factories.image(ann)
    factories.attach(factories.turn(factories.conversation(ann)), image)

    assert browser.post(f"/images/{image.pk}/remove/").status_code == 204
    assert browser.get(f"/images/{image.pk}/original/").status_code == 200
