"""Editing pictures over HTTP: what comes back, what is refused with a sentence, what counts to the limits."""

import json
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from PIL import Image

from tests.support import sample_images
from tests.support.client import Browser
from tests.support.server import running_server
from vision_chat.models import UploadedImage

CHART = sample_images.encoded(sample_images.chart((64, 48)), "PNG")
RED_CORNER = {"x": 0, "y": 0, "width": 32, "height": 24}


def edit(browser: Browser, image_id: str, **values: Any) -> Any:
    return browser.post(f"/images/{image_id}/edit/", json=values)


def redactions(count: int) -> str:
    return json.dumps({"redactions": [{"x": 0, "y": 0, "width": 1, "height": 1}] * count})


def original(browser: Browser, image_id: str) -> Image.Image:
    return Image.open(BytesIO(browser.get(f"/images/{image_id}/original/").content)).convert("RGB")


@pytest.mark.each_database
def test_an_edit_answers_with_a_new_picture_and_keeps_the_one_before(browser: Browser) -> None:
    before = browser.upload(CHART, "chart.png").json()
    response = edit(browser, before["id"], redactions=[RED_CORNER], turns=2, flip=True)

    assert response.status_code == 201
    made = response.json()
    assert made["id"] != before["id"]
    assert (made["name"], made["removed"]) == ("chart.png", ["1 area redacted"])
    assert made["is_shown_unredacted"] is False
    image = UploadedImage.objects.get(pk=made["id"])
    assert str(image.made_from_id) == before["id"]
    assert original(browser, made["id"]).getpixel((5, 5)) == (0, 0, 0)
    assert original(browser, made["id"]).getpixel((5, 40)) == (255, 0, 0), (
        "turned and flipped: blue was below"
    )
    assert original(browser, before["id"]).getpixel((5, 5)) == (255, 0, 0)
    folders = {str(each.original.name).rpartition("/")[0] for each in UploadedImage.objects.all()}
    assert len(folders) == 2


def test_what_was_redacted_and_removed_is_said_of_each_later_picture(browser: Browser) -> None:
    upload = browser.upload(sample_images.laden(sample_images.chart(), "JPEG")).json()["id"]
    once = edit(browser, upload, redactions=[RED_CORNER]).json()["id"]
    twice = edit(browser, once, redactions=[RED_CORNER, RED_CORNER]).json()["id"]
    cropped = edit(browser, twice, crop=RED_CORNER).json()

    assert cropped["removed"] == ["Location data removed", "Hidden text removed", "3 areas redacted"]
    assert (cropped["width"], cropped["height"]) == (32, 24)


def test_marks_come_back_for_a_further_edit(browser: Browser) -> None:
    upload = browser.upload(CHART).json()["id"]
    arrow = {"kind": "arrow", "x": 40, "y": 30, "width": 10, "height": -5, "text": ""}
    made = edit(browser, upload, marks=[arrow], crop={"x": 20, "y": 10, "width": 40, "height": 30}).json()

    marks = browser.get(f"/images/{made['id']}/marks/").json()["marks"]
    assert marks == [{"kind": "arrow", "x": 20, "y": 20, "width": 10, "height": -5}]
    assert browser.get(f"/images/{upload}/marks/").json()["marks"] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('{"crop": {"x": 60, "y": 0, "width": 5, "height": 5}}', "image.edit_refused"),
        ('{"crop": {"x": NaN, "y": 0, "width": 5, "height": 5}}', "image.edit_refused"),
        ('{"crop": {"x": -1, "y": 0, "width": 5, "height": 5}}', "image.edit_refused"),
        (
            '{"marks": [{"kind": "text", "x": 1, "y": 1, "text": "%s"}]}' % ("a" * 150_000),
            "image.edit_refused",
        ),
        (redactions(10_000), "image.edit_refused"),
        (redactions(201), "image.too_many_edits"),
        ('{"marks": [{"kind": "text", "x": 1, "y": 1, "text": "\U0010fffd"}]}', "image.text_refused"),
        ("[" * 100_000, "image.edit_refused"),
        ("", "image.edit_refused"),
        ("\xff", "image.edit_refused"),
    ],
    ids=["outside", "nan", "negative", "long text", "10,000", "201", "no font", "deep", "empty", "no json"],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(browser: Browser, body: str, code: str) -> None:
    upload = browser.upload(CHART).json()["id"]
    response = browser.post(f"/images/{upload}/edit/", content=body.encode())

    assert response.status_code == 400
    assert response.json()["code"] == code
    assert response.json()["message"].endswith(".")
    assert UploadedImage.objects.count() == 1


@pytest.mark.parametrize(
    ("limits", "status"),
    [({"max_unsent_images": 1}, 400), ({"max_unsent_bytes": 1}, 400), ({"max_uploads_per_minute": 1}, 429)],
)
def test_edits_count_as_uploads(ann: User, limits: dict[str, int], status: int) -> None:
    with running_server(**limits) as server:
        browser = Browser(server, ann)
        response = edit(browser, browser.upload(CHART).json()["id"], turns=1)
        browser.close()

    assert response.status_code == status
    assert UploadedImage.objects.count() == 1


def test_a_picture_whose_file_is_lost_cannot_be_edited(browser: Browser) -> None:
    upload = browser.upload(CHART).json()["id"]
    image = UploadedImage.objects.get()
    image.original.storage.delete(str(image.original.name))
    assert edit(browser, upload, turns=1).json()["code"] == "image.not_stored"
