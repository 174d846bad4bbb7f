"""What a page fetches about an answer: its places, and how something is located."""

import uuid

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.client import Browser
from vision_chat.models import Message

BOX = '{"bbox_2d": [100, 200, 300, 400], "label": "kettle & cup"}'


@pytest.fixture
def reply(ann: User) -> Message:
    """An answer of a model of which no frame is known."""
    sent = [{"image_id": str(factories.image(ann).pk), "width": 1000, "height": 500}]
    request = [{"role": "user", "images": sent}]
    return factories.turn(factories.conversation(ann), answer=BOX, model_name="some/model", request=request)


def test_the_frame_is_asked_for_and_kept(browser: Browser, reply: Message) -> None:
    address = f"/messages/{reply.pk}/places/"
    assert 'value="thousandths"' in browser.get(address).text
    assert browser.get(f"{address}?as=csv").status_code == 404
    chosen = browser.post(address, data={"frame": "thousandths"})
    assert 'data-x="0.100000"' in chosen.text
    assert "kettle &amp; cup" in chosen.text
    assert browser.get(address).text == chosen.text


def test_places_are_saved_as_a_file(browser: Browser, reply: Message) -> None:
    address = f"/messages/{reply.pk}/places/"
    browser.post(address, data={"frame": "pixels", "picture": "none"})
    answer = browser.get(f"{address}?as=coco")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="places-{reply.pk}.coco.json"'


def test_what_is_not_there_is_not_found(browser: Browser, reply: Message) -> None:
    assert browser.get("/messages/0/places/").status_code == 404
    assert browser.post("/messages/0/places/", data={"frame": "pixels"}).status_code == 404
    plain = factories.turn(reply.conversation, answer="Words.")
    assert browser.get(f"/messages/{plain.pk}/places/").status_code == 204


def test_a_page_is_told_how_to_ask_where_something_is(browser: Browser, reply: Message) -> None:
    for key in (uuid.uuid4(), reply.conversation_id):
        answer = browser.get(f"/c/{key}/locate/").json()
        assert "{what}" in answer["question"]
        assert answer["is_documented"] is False
