"""Images that a model makes: kept like uploads, shown in the answer, and sent with the next question."""

import base64
from typing import Any

import pytest

from tests.support import fake_scenarios as scenarios
from tests.support.client import Browser
from tests.support.fake_scenarios import Scenario
from tests.support.replies import ask, generation, saved_text
from tests.support.sample_images import chart, encoded
from vision_chat.demo.framing import DONE, Framing, event
from vision_chat.models import MessageImage, UploadedImage

FRAMING = Framing("1", "m")
URL = "data:image/png;base64," + base64.b64encode(encoded(chart(), "PNG")).decode()


def deltas(*deltas: Any) -> Scenario:
    chunks = [event({"choices": [{"index": 0, "delta": delta}]}) for delta in deltas]
    return scenarios.raw(*chunks, FRAMING.finish(), DONE)


def drawn(url: str = URL) -> dict[str, Any]:
    return {"content": "", "images": [{"type": "image_url", "image_url": {"url": url}}]}


AS_IMAGE = deltas({"content": "Here it is."}, drawn())
AS_TEXT = deltas(*({"content": text} for text in ("Here ", "it is.![a chart](", URL[:99], URL[99:], ")")))
AS_PART = deltas({"content": "Here it is."}, {"content": [{"type": "image_url", "image_url": {"url": URL}}]})


@pytest.mark.parametrize("scenario", [AS_IMAGE, AS_TEXT, AS_PART], ids=["image", "text", "part"])
def test_an_image_of_an_answer_is_kept_and_shown_and_never_text(browser: Browser, scenario: Scenario) -> None:
    turn = ask(browser, scenario)
    settled = turn.settle()

    assert settled["status"] == "completed"
    assert saved_text(turn.reply) == "Here it is."
    image = UploadedImage.objects.get()
    assert (image.width, image.height) == (240, 160)
    assert str(image.pk) in settled["html"]
    page = browser.get(f"/c/{turn.conversation}/").text
    assert page.count(f'data-image="{image.pk}"') == 1
    assert "base64" not in page
    assert browser.get(f"/images/{image.pk}/original/").status_code == 200


def test_an_image_alone_is_a_whole_answer(browser: Browser) -> None:
    turn = ask(browser, deltas(drawn()))
    assert turn.settle()["status"] == "completed"
    assert MessageImage.objects.get().message_id == int(turn.reply)


def test_the_image_goes_back_with_the_next_question(browser: Browser) -> None:
    turn = ask(browser, AS_IMAGE)
    turn.settle()
    browser.server.next_call()
    turn.socket.submit("What does it show?", turn.conversation)
    messages = browser.server.next_call().body["messages"]
    assert messages[1] == {"role": "assistant", "content": "Here it is."}
    assert [part["type"] for part in messages[2]["content"]] == ["image_url", "text"]


def test_four_images_of_an_answer_are_kept_and_the_others_are_told_of(browser: Browser) -> None:
    turn = ask(browser, deltas(*[drawn()] * 6))
    settled = turn.settle()
    assert UploadedImage.objects.count() == 4
    assert generation(turn.reply).lost_images == 2
    assert "2 pictures in this answer could not be saved." in settled["html"]


def test_what_is_no_image_is_told_of_and_harms_nothing(browser: Browser) -> None:
    turn = ask(browser, deltas({"content": "Here it is."}, drawn("data:image/png;base64," + "A" * 900)))
    settled = turn.settle()
    assert settled["status"] == "completed"
    assert "A picture in this answer could not be saved." in settled["html"]
    assert not UploadedImage.objects.exists()


def test_an_image_on_the_web_is_a_link_and_is_never_loaded(browser: Browser) -> None:
    turn = ask(browser, deltas(drawn("https://example.org/cat.png")))
    turn.settle()
    page = browser.get(f"/c/{turn.conversation}/").text
    assert 'href="https://example.org/cat.png"' in page
    assert 'src="https://example.org' not in page


def test_an_image_that_came_before_a_stop_is_kept(browser: Browser) -> None:
    chunk = event({"choices": [{"index": 0, "delta": drawn()}]})

    async def draw_and_hang(call: Any) -> None:
        await call.start()
        await call.send(chunk + FRAMING.delta("And now"))
        await call.hang()

    turn = ask(browser, draw_and_hang)
    turn.wait_for_text()
    turn.stop()
    assert turn.settle()["status"] == "stopped"
    assert MessageImage.objects.get().message_id == int(turn.reply)
