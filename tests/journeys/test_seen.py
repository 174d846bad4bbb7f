"""What the model sees of a picture: estimated before, shown on request, and sent as it was said."""

import re
import uuid
from base64 import b64decode
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from PIL import Image

from tests.support import factories, sample_images
from tests.support.client import Browser, Socket
from tests.support.replies import settle
from vision_chat.models import Completion, UploadedImage
from vision_chat.server.assembly import MAX_LOOKS_PER_MINUTE

pytestmark = pytest.mark.each_database

SIZE = (2400, 1800)
"""Beyond the 2048 pixels of an unknown model."""


def uploaded(browser: Browser) -> str:
    data = sample_images.encoded(sample_images.chart(SIZE), "JPEG")
    return str(browser.upload(data, "stairs.jpg").json()["id"])


def previewed(socket: Socket, **question: Any) -> dict[str, Any]:
    socket.send("turn.preview", conversation_id=str(uuid.uuid4()), text="", **question)
    return socket.wait_for("turn.previewed")


def question_about(image_id: str, **choice: Any) -> dict[str, Any]:
    return {"image_ids": [image_id], "choices": {"attachments": [{"image_id": image_id, **choice}]}}


def sent_sizes(body: dict[str, Any]) -> list[tuple[int, int]]:
    """The sizes of the images that the endpoint got."""
    parts = [part for message in body["messages"] for part in message["content"] if isinstance(part, dict)]
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return [Image.open(BytesIO(b64decode(url.partition(",")[2]))).size for url in urls]


def seen_sizes(browser: Browser, html: str) -> list[tuple[int, int]]:
    """The sizes of the copies that the page shows, of their files."""
    urls = re.findall(r'src="(/images/[^"]+/model/[^"]+)"', html)
    return [Image.open(BytesIO(browser.get(url).content)).size for url in urls]


@pytest.mark.parametrize(("detail", "count"), [("fit", 1), ("low", 1), ("fine", 3)])
def test_estimate_view_and_request_are_the_same(browser: Browser, detail: str, count: int) -> None:
    image_id, socket = uploaded(browser), browser.socket()
    question = question_about(image_id, detail=detail)
    estimate = previewed(socket, **question)
    page = browser.post(f"/c/{uuid.uuid4()}/seen/{image_id}/", json=question).text
    socket.submit("What is this?", **question)
    call = browser.server.next_call()
    settle(socket, socket.reply_id())

    sizes = sent_sizes(call.body)
    assert len(sizes) == count
    assert sizes == seen_sizes(browser, page)
    records = Completion.objects.get().request[-1]["images"]
    assert sum(record["tokens"] for record in records) == estimate["tokens"]
    assert estimate["estimates"][image_id]["tokens"] == estimate["tokens"]
    assert f'data-estimate-tokens="{estimate["tokens"]}"' in page


def test_a_strip_is_cut_at_the_same_calm_rows_in_estimate_view_and_request(browser: Browser) -> None:
    strip = sample_images.encoded(sample_images.screenshot((600, 4000)), "PNG")
    image_id = str(browser.upload(strip, "receipt.png").json()["id"])
    socket, question = browser.socket(), question_about(image_id, detail="fine")
    estimate = previewed(socket, **question)
    page = browser.post(f"/c/{uuid.uuid4()}/seen/{image_id}/", json=question).text
    socket.submit("What did I pay?", **question)
    call = browser.server.next_call()
    settle(socket, socket.reply_id())

    records = Completion.objects.get().request[-1]["images"]
    assert sum(record["tokens"] for record in records) == estimate["tokens"]
    assert sent_sizes(call.body) == seen_sizes(browser, page)
    edges = [record["shows"][0]["part"][1] * 4000 for record in records[2:]]
    calm_rows = UploadedImage.objects.get().calm_rows
    assert edges
    assert {round(edge) for edge in edges} <= set(calm_rows)


def test_after_the_view_the_bytes_of_the_estimate_are_those_of_the_copies(browser: Browser) -> None:
    image_id, socket = uploaded(browser), browser.socket()
    question = question_about(image_id, detail="low")
    browser.post(f"/c/{uuid.uuid4()}/seen/{image_id}/", json=question)
    known = previewed(socket, **question)["estimates"][image_id]["more"]
    html = browser.post(f"/c/{uuid.uuid4()}/seen/{image_id}/", json=question).text
    assert known
    assert known in html


def test_an_earlier_picture_is_seen_as_its_message_shows_it(browser: Browser) -> None:
    image_id, socket = uploaded(browser), browser.socket()
    conversation = socket.submit("What is this?", **question_about(image_id, detail="low"))
    settle(socket, socket.reply_id())
    html = browser.post(f"/c/{conversation}/seen/{image_id}/", json={}).text
    assert seen_sizes(browser, html) == [(512, 384)]


def test_small_text_is_told_before_it_is_sent(browser: Browser) -> None:
    data = sample_images.encoded(sample_images.contract(), "JPEG")
    image_id = str(browser.upload(data).json()["id"])
    estimate = previewed(browser.socket(), **question_about(image_id, detail="low"))["estimates"][image_id]
    assert re.fullmatch(r"Small text will be about \d px high in what the model sees\.", estimate["note"])
    assert estimate["wants_fine_print"]
    assert estimate["remedy"] == "Use fine print"


def test_nobody_sees_the_pictures_of_others(browser: Browser, stranger: User) -> None:
    foreign = factories.image(stranger)
    assert browser.post(f"/c/{uuid.uuid4()}/seen/{foreign.pk}/", json={}).status_code == 404
    own = uploaded(browser)
    theirs = factories.conversation(stranger)
    assert browser.post(f"/c/{theirs.pk}/seen/{own}/", json={}).status_code == 404


def test_a_choice_that_does_not_fit_is_refused(browser: Browser) -> None:
    image_id = uploaded(browser)
    question = question_about(image_id, detail="huge")
    assert browser.post(f"/c/{uuid.uuid4()}/seen/{image_id}/", json=question).status_code == 400


@pytest.mark.one_server("several count together from one full minute of the clock to the next")
def test_a_person_looks_so_many_times_a_minute(browser: Browser) -> None:
    image_id = uploaded(browser)
    path, question = f"/c/{uuid.uuid4()}/seen/{image_id}/", question_about(image_id)
    looks = {browser.post(path, json=question).status_code for _ in range(MAX_LOOKS_PER_MINUTE)}
    refused = browser.post(path, json=question)

    assert looks == {200}
    assert (refused.status_code, refused.json()["code"]) == (429, "image.too_many_looks")
    assert refused.json()["message"].startswith(f"You looked at {MAX_LOOKS_PER_MINUTE} pictures")
