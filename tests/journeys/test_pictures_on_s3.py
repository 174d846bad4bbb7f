"""Pictures on S3-compatible storage: moto's server speaks it, over real connections, and can be away."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User

from tests.support import fake_scenarios as scenarios
from tests.support import sample_images
from tests.support.account_page import delete
from tests.support.client import Browser
from tests.support.replies import Turn, ask, generation, settle
from tests.support.s3 import SmallS3
from tests.support.server import Server, running_server
from vision_chat.models import DeletedFile, UploadedImage

pytestmark = pytest.mark.long

OpenBrowser = Callable[[User | None], Browser]
CHART = sample_images.encoded(sample_images.chart(), "PNG")
IMPATIENT = {"silence": 0.3, "pause": 0.1}


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallS3]:
    server = SmallS3(tmp_path_factory.mktemp("s3") / "log")
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _on_s3(s3: SmallS3, settings: Any) -> None:
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "vision_chat.services.files.s3.S3Files", "OPTIONS": s3.options | IMPATIENT}
    }


@pytest.fixture
def server(_on_s3: None, transactional_db: None) -> Iterator[Server]:
    with running_server() as server:
        yield server


def uploaded(browser: Browser, name: str = "chart.png") -> UploadedImage:
    answer = browser.upload(CHART, name)
    assert answer.status_code == 201, answer.text
    return UploadedImage.objects.get(pk=answer.json()["id"])


def names_of(image: UploadedImage) -> set[str]:
    return {str(image.original.name), str(image.thumbnail.name), str(image.copies.get().file.name)}


def clean_up(server: Server) -> None:
    server.runtime.housekeeping.wake()


def asked_about(browser: Browser, image: UploadedImage) -> Turn:
    return ask(browser, scenarios.say("A chart."), text="What is this?", image_ids=[str(image.pk)])


def test_an_upload_is_stored_there_alone_and_served_to_whoever_may_see_it(
    browser: Browser, open_browser: OpenBrowser, stranger: User, s3: SmallS3, tmp_path: Path
) -> None:
    image = uploaded(browser)
    page = browser.get(f"/images/{image.pk}/original/")

    assert names_of(image) <= s3.names()
    assert page.headers["Content-Type"] == "image/png"
    assert page.content.startswith(b"\x89PNG")
    assert page.headers["Cache-Control"] == "private, no-store"
    assert open_browser(stranger).get(f"/images/{image.pk}/original/").status_code == 404
    assert open_browser(None).get(f"/images/{image.pk}/original/").status_code == 302
    assert httpx.get(f"{s3.url}/chat-pictures/{image.original.name}").status_code == 403
    with pytest.raises(ValueError, match="by the application alone"):
        str(image.original.url)


def test_what_a_request_or_a_page_needs_is_read_once(browser: Browser, s3: SmallS3) -> None:
    image = uploaded(browser)
    copy = image.copies.get()
    before = len(s3.requests())
    browser.get(f"/images/{image.pk}/thumbnail/")
    browser.get(f"/images/{image.pk}/model/")
    asked_about(browser, image).settle()

    assert s3.requests()[before:] == [
        f"GET /chat-pictures/{image.thumbnail.name}",
        f"GET /chat-pictures/{copy.file.name}",
        f"GET /chat-pictures/{copy.file.name}",
    ]


def test_a_copy_that_is_lost_is_made_again_and_sent(browser: Browser, s3: SmallS3) -> None:
    image = uploaded(browser)
    lost = str(image.copies.get().file.name)
    image.original.storage.delete(lost)
    turn = asked_about(browser, image)

    assert turn.settle()["status"] == "completed"
    (sent,) = generation(turn.reply).completion.request[-1]["images"]
    assert sent["image_id"] == str(image.pk)
    made = str(image.copies.get().file.name)
    assert made != lost
    assert made in s3.names()


def test_a_picture_that_is_lost_is_404_and_said_with_the_answer(browser: Browser) -> None:
    image = uploaded(browser)
    first = asked_about(browser, image)
    first.settle()
    for name in names_of(image):
        image.original.storage.delete(name)
    first.socket.submit("[scenario: say] And now?", first.conversation)
    reply = first.socket.reply_id()

    assert settle(first.socket, reply)["status"] == "completed"
    assert generation(reply).completion.left_out == {"lost": ["chart.png"]}
    assert browser.get(f"/images/{image.pk}/original/").status_code == 404


def test_where_it_is_silent_pictures_are_refused_for_now_and_all_else_goes_on(
    browser: Browser, open_browser: OpenBrowser, stranger: User, s3: SmallS3
) -> None:
    image = uploaded(browser)
    known = asked_about(browser, image)
    known.settle()
    with s3.silent():
        page = browser.get(f"/images/{image.pk}/original/")
        refused = browser.upload(CHART)
        turn = asked_about(browser, image)
        failed = turn.settle()
        conversation = browser.get(f"/c/{known.conversation}/")
        other = ask(open_browser(stranger), scenarios.say("Hello."), text="Hello").settle()

    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert page.json()["code"] == "server.files_unavailable"
    assert refused.status_code == 400
    assert refused.json()["code"] == "image.not_stored"
    assert failed["status"] == "failed"
    assert "not responding" in failed["html"]
    assert conversation.status_code == 200
    assert other["status"] == "completed"
    assert UploadedImage.objects.count() == 1


def test_a_turn_that_failed_for_it_can_be_tried_again(browser: Browser, s3: SmallS3) -> None:
    image = uploaded(browser)
    with s3.silent():
        turn = asked_about(browser, image)
        assert turn.settle()["status"] == "failed"
    browser.server.fake.script(scenarios.say("A chart."))
    browser.server.until(lambda: browser.get(f"/images/{image.pk}/model/").status_code == 200)
    turn.socket.send("turn.regenerate", message_id=turn.reply)
    again = turn.socket.reply_id()

    assert settle(turn.socket, again)["status"] == "completed"


def test_files_are_deleted_soon_after_their_rows(browser: Browser, server: Server, s3: SmallS3) -> None:
    image = uploaded(browser)
    names = names_of(image)
    browser.post(f"/images/{image.pk}/remove/")
    assert not UploadedImage.objects.exists()
    clean_up(server)

    server.until(lambda: not names & s3.names())
    server.until(lambda: not DeletedFile.objects.exists())


def test_files_that_cannot_be_deleted_now_are_deleted_later(
    browser: Browser, server: Server, s3: SmallS3, caplog: pytest.LogCaptureFixture
) -> None:
    image = uploaded(browser)
    names = names_of(image)
    with s3.silent():
        browser.post(f"/images/{image.pk}/remove/")
        clean_up(server)
        server.until(lambda: "Files that are to be deleted wait" in caplog.text)
        assert {str(row.file.name) for row in DeletedFile.objects.all()} >= names
    clean_up(server)

    server.until(lambda: not names & s3.names())
    server.until(lambda: not DeletedFile.objects.exists())


@pytest.mark.usefixtures("still_clock")
def test_an_account_is_deleted_with_all_its_files(browser: Browser, server: Server, s3: SmallS3) -> None:
    names = names_of(uploaded(browser))
    delete(browser)
    server.until(lambda: not User.objects.filter(username="ann").exists())
    clean_up(server)

    server.until(lambda: not names & s3.names())


def test_an_export_has_the_pictures_or_breaks_off(browser: Browser, s3: SmallS3) -> None:
    uploaded(browser)
    whole = browser.get("/account/export/")
    with s3.silent(), pytest.raises(httpx.HTTPError):
        browser.get("/account/export/")

    assert CHART[:8] in whole.content
