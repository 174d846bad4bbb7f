"""Images whose files have gone from the folder: a sentence, and the conversation goes on."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support import fake_scenarios as scenarios
from tests.support import sample_images
from tests.support.client import Browser
from tests.support.replies import ask, generation, settle
from vision_chat.models import UploadedImage
from vision_chat.services.uploads import storage

CHART = sample_images.encoded(sample_images.chart(), "PNG")


def uploaded(browser: Browser, name: str) -> str:
    image_id: str = browser.upload(CHART, name).json()["id"]
    return image_id


def lose(image_id: str) -> None:
    """Delete all files of an image, also its copy for the model."""
    image = UploadedImage.objects.prefetch_related("copies").get(pk=image_id)
    for file in storage.files_of(image):
        file.storage.delete(str(file.name))


@pytest.fixture
def asked_before(browser: Browser) -> Any:
    """A conversation with an image that is lost after its answer."""
    image_id = uploaded(browser, "lost.png")
    turn = ask(browser, scenarios.say("A chart."), text="What is this?", image_ids=[image_id])
    turn.settle()
    lose(image_id)
    return turn


def test_the_next_question_is_answered_with_a_sentence_about_the_image(
    browser: Browser, asked_before: Any
) -> None:
    socket = asked_before.socket
    socket.submit("[scenario: say] And now?", asked_before.conversation)
    reply = socket.reply_id()
    settled = settle(socket, reply)

    assert settled["status"] == "completed"
    assert "no longer on the server" in settled["html"]
    assert "lost.png" in settled["html"]
    assert generation(reply).completion.left_out == {"lost": ["lost.png"]}


def test_other_images_of_the_conversation_still_reach_the_model(browser: Browser, asked_before: Any) -> None:
    socket = asked_before.socket
    fresh = uploaded(browser, "fresh.png")
    socket.submit("[scenario: say] And this?", asked_before.conversation, image_ids=[fresh])
    reply = socket.reply_id()

    assert settle(socket, reply)["status"] == "completed"
    images = [image for said in generation(reply).completion.request for image in said.get("images", [])]
    assert [image["image_id"] for image in images] == [fresh]


def test_a_question_whose_own_image_is_lost_fails_with_a_way_on(browser: Browser) -> None:
    image_id = uploaded(browser, "gone.png")
    lose(image_id)
    turn = ask(browser, scenarios.say("A chart."), text="What is this?", image_ids=[image_id])
    settled = turn.settle()

    assert settled["status"] == "failed"
    assert "Please add it again" in settled["html"]


def test_the_page_of_a_conversation_with_a_lost_image_opens(
    browser: Browser, asked_before: Any, ann: User
) -> None:
    assert browser.get(f"/c/{asked_before.conversation}/").status_code == 200
    image = UploadedImage.objects.get(owner=ann)
    assert browser.get(f"/images/{image.pk}/original/").status_code == 404
    assert browser.get(f"/images/{image.pk}/model/").status_code == 404
