"""Questions about regions: what the endpoint gets of them, and what is kept and shown of them."""

import base64
import json
import re
import uuid
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageDraw

from tests.support import fake_scenarios as scenarios
from tests.support.client import Browser
from tests.support.replies import generation
from tests.support.sample_images import encoded
from vision_chat.errors.base import ProtocolError
from vision_chat.errors.turns import ImageChoicesError
from vision_chat.models import Habit, Message, Region
from vision_chat.services.completions.habits import Habit as Known
from vision_chat.services.completions.habits import HabitKind

SIZE = (2400, 1800)
DETAIL = (900, 700, 2100, 1600)
"""The region in pixels: as large as models take it, and larger than what is enlarged."""
REGION = {"letter": "A", "x": 900 / 2400, "y": 700 / 1800, "width": 1200 / 2400, "height": 900 / 1800}
LOSS = 40
"""Of a value of 255, by JPEG."""


def plan() -> Image.Image:
    """A grey sheet with lines one pixel wide in the region, which no smaller copy has."""
    image = Image.new("RGB", SIZE, (128, 128, 128))
    draw = ImageDraw.Draw(image)
    for x in range(DETAIL[0], DETAIL[2], 2):
        draw.line((x, DETAIL[1], x, DETAIL[3] - 1), (0, 0, 0) if x % 20 else (255, 255, 255))
    return image


def uploaded(browser: Browser) -> str:
    answer = browser.upload(encoded(plan(), "PNG"), "plan.png").json()
    image_id: str = answer["id"]
    return image_id


def asked(browser: Browser, image_id: str, *regions: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Ask about regions; the id of the reply, and the message that the endpoint got."""
    browser.server.fake.script(scenarios.say("Area A has lines."))
    socket = browser.socket()
    choices = {"attachments": [{"image_id": image_id, "regions": list(regions)}]}
    socket.submit("What is there?", image_ids=[image_id], choices=choices)
    reply = socket.reply_id()
    socket.wait_for("reply.settled", message_id=reply)
    message: dict[str, Any] = browser.server.next_call().body["messages"][-1]
    return reply, message


def images_of(message: dict[str, Any]) -> list[Image.Image]:
    urls = [part["image_url"]["url"] for part in message["content"] if part["type"] == "image_url"]
    return [Image.open(BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB") for url in urls]


def words_of(message: dict[str, Any]) -> str:
    return "".join(part["text"] for part in message["content"] if part["type"] == "text")


def differs_at_most(one: Image.Image, other: Image.Image) -> int:
    bands = ImageChops.difference(one, other).split()
    return max(value for band in bands for value, count in enumerate(band.histogram()) if count)


def test_the_endpoint_gets_the_region_pixel_by_pixel_beside_an_overview_with_its_outline(
    browser: Browser,
) -> None:
    _, message = asked(browser, uploaded(browser), REGION)

    overview, region = images_of(message)
    assert overview.size == (768, 576)
    assert region.size == (1200, 900)
    assert differs_at_most(region, plan().crop(DETAIL)) <= LOSS
    bare = plan().resize(overview.size, Image.Resampling.LANCZOS)
    box = ImageChops.difference(overview, bare).point(lambda value: 255 if value > 60 else 0).getbbox()
    assert box is not None
    left, top, right, bottom = (edge * 768 / 2400 for edge in DETAIL)
    assert abs(box[0] - left) <= 4
    assert top - 40 <= box[1] <= top + 4, "the letter stands above"
    assert abs(box[2] - right) <= 4
    assert abs(box[3] - bottom) <= 4
    assert "What is there?" in words_of(message)
    assert "area A is outlined" in words_of(message)


def test_a_model_of_one_picture_gets_one_canvas_with_the_region_and_the_overview(browser: Browser) -> None:
    endpoint = browser.server.runtime.default_settings.endpoint
    Habit.objects.learn(endpoint.address, endpoint.model_name, [Known(HabitKind.IMAGES, "1", "one")])
    reply, message = asked(browser, uploaded(browser), REGION)

    (canvas,) = images_of(message)
    (record,) = generation(reply).completion.request[-1]["images"]
    of_region, of_overview = record["shows"]
    left, top, right, bottom = (round(edge) for edge in of_region["place"])
    cut = plan().crop(DETAIL).resize((right - left, bottom - top), Image.Resampling.LANCZOS)
    shown = canvas.crop((left, top, right, bottom))
    assert differs_at_most(shown, cut) <= 2 * LOSS
    assert (right - left) * (bottom - top) > 1_000_000, "most of the canvas"
    assert of_region["part"] == pytest.approx([900 / 2400, 700 / 1800, 2100 / 2400, 1600 / 1800])
    assert of_overview["part"] == [0, 0, 1, 1]
    assert "each area in full detail under its letter" in words_of(message)


def test_another_answer_to_the_question_gets_its_regions_too(browser: Browser) -> None:
    reply, _ = asked(browser, uploaded(browser), REGION)
    browser.server.fake.script(scenarios.say("Lines again."))
    socket = browser.socket()
    socket.send("turn.regenerate", message_id=reply)
    again = socket.reply_id()
    socket.wait_for("reply.settled", message_id=again)

    _, region = images_of(browser.server.next_call().body["messages"][-1])
    assert region.size == (1200, 900)


def test_page_and_facts_of_the_answer_show_the_regions_and_the_copies_of_them(browser: Browser) -> None:
    reply, _ = asked(browser, uploaded(browser), REGION)
    question = Message.objects.get(role="user")
    page = browser.get(f"/c/{question.conversation_id}/").text
    facts = browser.get(f"/messages/{reply}/request/").text

    assert page.count('data-region="A"') == 1
    assert "Area A: 38% from the left, 39% from the top, 50% wide, 50% high" in page
    copies = re.findall(r'src="(/images/[^"]+)"', facts)
    assert [Image.open(BytesIO(browser.get(url).content)).size for url in copies] == [(768, 576), (1200, 900)]
    assert "A part: 38% from the left, 39% from the top, 50% wide, 50% high" in facts


@pytest.mark.parametrize(
    "regions",
    [
        [REGION, REGION],
        [REGION | {"letter": letter, "width": 0.01} for letter in "ABCDEFGHIJ"],
        [REGION | {"x": 0.9}],
    ],
    ids=["a letter twice", "too many", "outside"],
)
def test_regions_that_cannot_be_asked_about_are_refused_in_a_sentence(
    browser: Browser, regions: list[dict[str, Any]]
) -> None:
    image_id, socket = uploaded(browser), browser.socket()
    choices = {"attachments": [{"image_id": image_id, "regions": regions}]}
    socket.submit("What is there?", image_ids=[image_id], choices=choices)

    refused = socket.wait_for("error")
    assert refused["code"] == ImageChoicesError.code
    assert refused["message"].endswith(".")
    assert not Message.objects.exists()


@pytest.mark.parametrize("x", ["NaN", "Infinity", "-0.1", "1", "1e400", "null", '"0"'])
def test_a_region_at_no_place_is_no_command(browser: Browser, x: str) -> None:
    image_id, socket = uploaded(browser), browser.socket()
    choices = {"attachments": [{"image_id": image_id, "regions": [REGION | {"x": "HERE"}]}]}
    frame = {
        "type": "turn.submit",
        "request_id": "1",
        "conversation_id": str(uuid.uuid4()),
        "client_id": str(uuid.uuid4()),
        "text": "What is there?",
        "image_ids": [image_id],
        "choices": choices,
    }
    socket.send_raw(json.dumps(frame).replace('"HERE"', x))

    assert socket.wait_for("error")["code"] == ProtocolError.code
    assert not Region.objects.exists()
