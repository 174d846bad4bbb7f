"""A picture that was redacted: after it was sent, nothing of what was covered is left anywhere."""

import shutil
from typing import Any

import pytest
from django.conf import settings
from PIL import Image, ImageDraw

from tests.support import factories, remains, sample_documents, sample_images
from tests.support import fake_scenarios as scenarios
from tests.support.client import Browser
from tests.support.replies import ask, settle, watch
from vision_chat.models import Message, MessageImage, UploadedImage

SIZE = (320, 240)
FACE = (100, 60, 160, 120)
COVER = {"x": 92, "y": 52, "width": 76, "height": 76}
"""With the seam that lossy formats leave around it."""
ALT_TEXT = "A face that nobody is to read about"


@pytest.fixture(autouse=True)
def _only_own_files() -> None:
    """Delete what other tests have left."""
    shutil.rmtree(settings.VISION_CHAT.media_dir, ignore_errors=True)


def portrait() -> Image.Image:
    """A grey picture with a face of the secret colour."""
    image = sample_images.screenshot(SIZE).convert("L").convert("RGB")
    ImageDraw.Draw(image).rectangle(FACE, fill=remains.SECRET_COLOUR)
    return image


def uploaded(browser: Browser, data: bytes, name: str) -> UploadedImage:
    image = UploadedImage.objects.get(pk=browser.upload(data, name).json()["id"])
    image.alt_text = ALT_TEXT
    image.save(update_fields=["alt_text"])
    browser.get(f"/images/{image.pk}/model/")
    return image


def redacted(browser: Browser, image: UploadedImage) -> dict[str, Any]:
    answer: dict[str, Any] = browser.post(f"/images/{image.pk}/edit/", json={"redactions": [COVER]}).json()
    return answer


@pytest.mark.parametrize("to", sample_images.FORMATS)
def test_nothing_that_was_covered_and_no_metadata_is_left_anywhere(browser: Browser, to: str) -> None:
    upload = sample_images.laden(portrait(), to)
    before = uploaded(browser, upload, f"portrait.{to.lower()}")
    assert any(map(remains.shows_secret, remains.stored_files()))
    gone = {remains.digest(path.read_bytes()) for path in factories.paths(before)}
    gone.add(remains.digest(upload))
    del upload
    turn = ask(browser, scenarios.say("A grey picture."), image_ids=[redacted(browser, before)["id"]])
    assert turn.settle()["status"] == "completed"

    assert UploadedImage.objects.count() == 1
    sent = remains.sent_files(browser.server.fake.calls)
    stored = remains.stored_files()
    assert sent
    assert len(stored) == 3
    assert not any(map(remains.shows_secret, stored + sent))
    assert gone.isdisjoint(map(remains.digest, stored + sent))
    for data in stored + sent + remains.database_files():
        assert sample_images.SECRET not in data
        assert ALT_TEXT.encode() not in data
        assert before.pk.hex.encode() not in data
    assert not remains.is_in_memory(gone)


def test_a_shown_picture_is_kept_until_the_person_wants_it_redacted_there_too(
    browser: Browser,
) -> None:
    before = uploaded(browser, sample_images.encoded(portrait(), "PNG"), "portrait.png")
    turn = ask(browser, scenarios.say("A face."), image_ids=[str(before.pk)])
    turn.settle()
    answer = redacted(browser, before)
    assert answer["is_shown_unredacted"] is True
    turn.socket.submit("[scenario: say] And now?", turn.conversation, image_ids=[answer["id"]])
    settle(turn.socket, turn.socket.reply_id())
    assert UploadedImage.objects.count() == 2, "the first message shows it still"

    tab = watch(browser, turn.conversation)
    replaced = browser.post(f"/images/{answer['id']}/replace/")
    assert (replaced.status_code, replaced.headers["Clear-Site-Data"]) == (204, '"cache"')
    tab.wait_for("conversation.stale", conversation_id=turn.conversation)
    assert [str(each.image_id) for each in MessageImage.objects.all()] == [answer["id"]] * 2
    assert not any(map(remains.shows_secret, remains.stored_files()))
    assert browser.get(f"/images/{before.pk}/original/").status_code == 404
    assert before.pk.hex not in browser.get(f"/c/{turn.conversation}/").text.replace("-", "")


def test_a_message_that_waits_has_the_redacted_picture_alone(browser: Browser) -> None:
    turn = ask(browser, scenarios.step("Going on"))
    before = uploaded(browser, sample_images.encoded(portrait(), "PNG"), "portrait.png")
    answer = redacted(browser, before)
    turn.socket.submit("And this?", turn.conversation, image_ids=[answer["id"]])
    turn.socket.wait_for("message.created", role="user")

    assert Message.objects.filter(state=Message.State.WAITING).exists()
    assert [str(image.pk) for image in UploadedImage.objects.all()] == [answer["id"]]
    assert not any(map(remains.shows_secret, remains.stored_files()))


def page_of_a_document(browser: Browser) -> tuple[str, UploadedImage]:
    """Take a page of a document that stays open. Return the document's address, and the page."""
    answer = browser.post("/documents/", files={"document": ("report.pdf", sample_documents.numbered(2))})
    document = f"/documents/{answer.json()['id']}/"
    page = browser.post(f"{document}1/take/").json()
    return document, UploadedImage.objects.get(pk=page["id"])


def test_a_document_goes_when_a_page_of_it_was_redacted_and_is_sent(browser: Browser) -> None:
    document, page = page_of_a_document(browser)
    other, _ = page_of_a_document(browser)
    assert browser.get(f"{document}1/").headers["Cache-Control"] == "private, no-store"
    answer = redacted(browser, page)
    assert browser.get(f"{document}1/").status_code == 200, "not sent yet"
    ask(browser, scenarios.say("A page."), image_ids=[answer["id"]]).settle()

    assert browser.get(f"{document}1/").status_code == 404
    assert browser.get(f"{document}text/?pages=1").json()["code"] == "document.gone"
    assert browser.get(f"{other}1/").status_code == 200, "no page of it was redacted"


def test_a_document_stays_where_no_page_of_it_was_redacted(browser: Browser) -> None:
    document, page = page_of_a_document(browser)
    ask(browser, scenarios.say("A page."), image_ids=[str(page.pk)]).settle()
    assert browser.get(f"{document}1/").status_code == 200


def test_a_document_goes_when_earlier_messages_show_the_redacted_page_too(browser: Browser) -> None:
    document, page = page_of_a_document(browser)
    ask(browser, scenarios.say("A page."), image_ids=[str(page.pk)]).settle()
    answer = redacted(browser, page)
    browser.post(f"/images/{answer['id']}/replace/")
    assert browser.get(f"{document}1/").status_code == 404
