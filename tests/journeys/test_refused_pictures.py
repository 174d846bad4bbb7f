"""A picture that the endpoint refuses: the person is told which, and goes on without it."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.support import fake_scenarios as scenarios
from tests.support import sample_images
from tests.support.client import Browser, Socket
from tests.support.models_of_sites import endpoint, language_model
from tests.support.refusals import anthropic
from tests.support.replies import generation, settle

pytestmark = pytest.mark.each_database

ONE_AT_A_TIME = "fake/llama-3.2-90b-vision"
PATH = "messages.{}.content.{}.image.source.base64: "


def uploaded(browser: Browser, name: str) -> str:
    """Upload a picture of its own colours."""
    side = 40 + sum(name.encode())
    data = sample_images.encoded(sample_images.chart((side, 300)), "JPEG")
    return str(browser.upload(data, name).json()["id"])


def refuse(browser: Browser, path: str = "") -> None:
    browser.server.fake.script(scenarios.error(400, anthropic(f"{path}Could not process image")))


def asked(browser: Browser, socket: Socket, text: str, conversation: str | None = None, **fields: Any) -> str:
    """Ask; the id of the reply, which has ended."""
    socket.submit(text, conversation, **fields)
    reply = socket.reply_id()
    settle(socket, reply)
    browser.server.next_call()
    return reply


def go_on_without(browser: Browser, socket: Socket, reply: str, image_id: str) -> Mapping[str, Any]:
    """Do what the button does; the body of the request that follows."""
    conversation = str(generation(reply).message.conversation_id)
    path = f"/c/{conversation}/images/{image_id}/inclusion/"
    assert browser.post(path, json={"included": "never"}).status_code == 204
    socket.send("turn.regenerate", message_id=reply, client_id=str(uuid.uuid4()))
    again = socket.reply_id()
    body = browser.server.next_call().body
    assert settle(socket, again)["status"] == "completed"
    return body


def pictures_in(body: Mapping[str, Any]) -> int:
    contents = [message["content"] for message in body["messages"]]
    parts = [part for content in contents if not isinstance(content, str) for part in content]
    return [part["type"] for part in parts].count("image_url")


def named_by(reply: str) -> list[str]:
    return [image["name"] for image in generation(reply).error_params["images"]]


def page_of(browser: Browser, reply: str) -> str:
    return browser.get(f"/c/{generation(reply).message.conversation_id}/").text


def test_the_refused_picture_is_named_left_out_and_taken_in_again(browser: Browser) -> None:
    good, bad = uploaded(browser, "good.jpg"), uploaded(browser, "bad.jpg")
    socket = browser.socket()
    refuse(browser, PATH.format(0, 1))
    reply = asked(browser, socket, "What is this?", image_ids=[good, bad])
    page = page_of(browser, reply)

    assert named_by(reply) == ["bad.jpg"]
    assert "did not accept the picture bad.jpg." in page
    assert f'data-refused="{bad}"' in page

    assert pictures_in(go_on_without(browser, socket, reply, bad)) == 1
    conversation = str(generation(reply).message.conversation_id)
    socket.send("turn.preview", conversation_id=conversation, text="And?", image_ids=[])
    told = socket.wait_for("turn.previewed")
    assert told["left_out"] == {good: "", bad: "Not sent: you left it out."}
    assert told["for_good"] == {bad: "never"}
    assert told["note"] == ""
    assert "You left this picture out of the question: bad.jpg." in page_of(browser, reply)

    later = asked(browser, socket, "And now?", conversation)
    assert generation(later).status == "completed"
    path = f"/c/{conversation}/images/{bad}/inclusion/"
    assert browser.post(path, json={"included": "rule"}).status_code == 204
    socket.send("turn.preview", conversation_id=conversation, text="And?", image_ids=[])
    assert socket.wait_for("turn.previewed")["left_out"] == {good: "", bad: ""}


def test_an_earlier_picture_that_another_model_refuses_poisons_no_later_question(browser: Browser) -> None:
    image, socket = uploaded(browser, "bad.jpg"), browser.socket()
    first = asked(browser, socket, "What is this?", image_ids=[image])
    conversation = str(generation(first).message.conversation_id)
    refuse(browser)
    reply = asked(browser, socket, "And its colour?", conversation)

    assert named_by(reply) == ["bad.jpg"]
    assert pictures_in(go_on_without(browser, socket, reply, image)) == 0


def test_one_of_several_is_chosen_where_the_endpoint_does_not_say_which(browser: Browser) -> None:
    images = [uploaded(browser, name) for name in ("one.jpg", "two.jpg")]
    socket = browser.socket()
    refuse(browser)
    reply = asked(browser, socket, "Which is brighter?", image_ids=images)

    assert named_by(reply) == ["one.jpg", "two.jpg"]
    assert page_of(browser, reply).count("data-refused=") == 2


def canvas(images: list[str]) -> dict[str, Any]:
    return {"image_ids": images}


def tiles(images: list[str]) -> dict[str, Any]:
    attachments = [{"image_id": images[0], "detail": "fine"}]
    return {"image_ids": images[:1], "choices": {"attachments": attachments}}


def region(images: list[str]) -> dict[str, Any]:
    box = {"letter": "A", "x": 0.1, "y": 0.1, "width": 0.3, "height": 0.3}
    attachments = [{"image_id": images[0], "regions": [box]}]
    return {"image_ids": images[:1], "choices": {"attachments": attachments}}


@pytest.mark.parametrize(
    ("ask_about", "model_name", "names"),
    [
        (canvas, ONE_AT_A_TIME, ["one.jpg", "two.jpg"]),
        (tiles, "fake/vision", ["one.jpg"]),
        (region, "fake/vision", ["one.jpg"]),
    ],
)
def test_a_copy_leads_to_the_pictures_that_it_shows(
    browser: Browser,
    ask_about: Callable[[list[str]], dict[str, Any]],
    model_name: str,
    names: list[str],
) -> None:
    fake = endpoint("The fake", browser.server.fake.base_url)
    language_model(model_name, fake, is_default=True)
    images = [uploaded(browser, name) for name in ("one.jpg", "two.jpg")]
    socket = browser.socket()
    refuse(browser)
    reply = asked(browser, socket, "What is this?", **ask_about(images))

    assert named_by(reply) == names
    assert pictures_in(go_on_without(browser, socket, reply, images[0])) == len(names) - 1


def test_a_question_that_is_nothing_else_is_not_asked_without_its_picture(browser: Browser) -> None:
    image, socket = uploaded(browser, "bad.jpg"), browser.socket()
    refuse(browser)
    reply = asked(browser, socket, "", image_ids=[image])
    conversation = str(generation(reply).message.conversation_id)
    assert "your question is nothing else" in page_of(browser, reply)
    path = f"/c/{conversation}/images/{image}/inclusion/"
    assert browser.post(path, json={"included": "never"}).status_code == 204
    socket.send("turn.regenerate", message_id=reply, client_id=str(uuid.uuid4()))

    assert socket.wait_for("error")["code"] == "turn.left_out"
    later = asked(browser, socket, "What is a staircase?", conversation)
    assert generation(later).status == "completed"
