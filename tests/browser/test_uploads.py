"""Pictures on their way into a message, and what becomes of words that cannot be sent."""

from collections.abc import Callable
from io import BytesIO
from typing import Literal

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, expect

from tests.support import odd_images, sample_images
from tests.support.browser.chat_page import ChatPage, file
from tests.support.browser.waiting import HeldRequests

pytestmark = pytest.mark.browser

REFUSED = r"the server responded with a status of 4\d\d"


def picture(name: str) -> FilePayload:
    return file(name, sample_images.encoded(sample_images.chart(), "JPEG"))


def held_uploads(chat: ChatPage) -> HeldRequests:
    """Uploads that begin from now on wait."""
    return HeldRequests(chat.page, "**/images/")


def test_several_pictures_go_along_with_a_question(chat: ChatPage) -> None:
    chat.attach(picture("one.jpg"), picture("two.jpg"))
    chat.attach(picture("three.jpg"))
    chat.expect_uploads("ready", "ready", "ready")
    chat.ask("What do they have in common?")

    chat.expect_reply()
    expect(chat.page.locator("[data-thread] [data-image]")).to_have_count(3)
    expect(chat.uploads).to_have_count(0)
    chat.expect_same_as_opened_afresh()


def test_a_picture_alone_is_a_question(chat: ChatPage) -> None:
    chat.paste(picture("pasted.jpg"))
    chat.expect_uploads("ready")
    chat.send()

    chat.expect_reply()
    expect(chat.picture("pasted.jpg")).to_be_visible()


def test_a_photograph_of_a_phone_in_heic_is_shown_though_the_browser_knows_no_heic(chat: ChatPage) -> None:
    photograph = sample_images.laden(sample_images.scene((300, 400)), "HEIF", orientation=6)
    chat.attach(file("IMG_0001.HEIC", photograph, "image/heic"))
    chat.expect_uploads("ready")
    expect(chat.uploads.locator("img")).to_be_visible()
    chat.ask("Where is this?")
    chat.expect_reply()

    shown = chat.picture("IMG_0001.HEIC").locator("img")
    size = "(image) => image.decode().then(() => [image.naturalWidth, image.naturalHeight])"
    assert shown.evaluate(size) == [300, 400]


def test_send_waits_for_the_pictures_that_are_on_their_way(chat: ChatPage) -> None:
    held = held_uploads(chat)
    chat.attach(picture("slow.jpg"))
    chat.expect_uploads("uploading")
    expect(chat.uploads.locator("progress")).to_be_visible()
    chat.ask("What is this?")
    expect(chat.note).to_contain_text("when the pictures are uploaded")
    assert chat.messages.count() == 0
    held.release()

    chat.expect_reply()
    expect(chat.picture("slow.jpg")).to_be_visible()


def by_escape(chat: ChatPage) -> None:
    chat.box.press("Escape")


def by_its_button(chat: ChatPage) -> None:
    chat.page.get_by_role("button", name="Cancel sending").click()


@pytest.mark.parametrize("take_back", [by_escape, by_its_button])
def test_a_message_that_waits_for_its_pictures_can_be_taken_back(
    chat: ChatPage, take_back: Callable[[ChatPage], None]
) -> None:
    held = held_uploads(chat)
    chat.attach(picture("slow.jpg"))
    chat.ask("What is this?")
    expect(chat.note).to_contain_text("when the pictures are uploaded")
    take_back(chat)
    held.release()

    chat.expect_uploads("ready")
    expect(chat.box).to_have_value("What is this?")
    expect(chat.box).to_be_focused()
    assert chat.messages.count() == 0


def test_a_file_that_is_no_picture_is_said_to_be_none_and_can_be_removed(chat: ChatPage) -> None:
    chat.troubles.expect(REFUSED)
    chat.attach(file("notes.jpg", b"Milk, bread, apples"))
    chat.expect_uploads("failed")
    expect(chat.uploads.locator(".upload-message")).not_to_be_empty()
    chat.ask("What is this?")
    expect(chat.note).to_contain_text("notes.jpg could not be attached")
    expect(chat.box).to_have_value("What is this?")
    chat.page.get_by_role("button", name="Remove notes.jpg").click()
    expect(chat.uploads).to_have_count(0)
    chat.send()

    chat.expect_reply()


def test_an_upload_that_broke_off_is_tried_again(chat: ChatPage) -> None:
    chat.troubles.expect("ERR_CONNECTION_RESET")
    chat.page.route("**/images/", lambda route: route.abort("connectionreset"), times=1)
    chat.attach(picture("unlucky.jpg"))
    chat.expect_uploads("failed")
    expect(chat.uploads).to_contain_text("was interrupted")
    chat.page.get_by_role("button", name="Try unlucky.jpg again").click()

    chat.expect_uploads("ready")
    expect(chat.uploads.locator("img")).to_be_visible()


def test_more_pictures_than_a_message_holds_are_left_out_with_a_sentence(chat: ChatPage) -> None:
    chat.attach(*(picture(f"{number}.jpg") for number in range(12)))

    expect(chat.uploads).to_have_count(10)
    expect(chat.note).to_contain_text("at most 10 pictures")


def test_a_picture_attached_while_a_message_goes_out_belongs_to_the_next(chat: ChatPage) -> None:
    chat.troubles.expect("ERR_INTERNET_DISCONNECTED", "WebSocket connection to")
    chat.attach(picture("first.jpg"))
    chat.expect_uploads("ready")
    chat.go_offline()
    chat.ask("What is this?")
    expect(chat.note).to_contain_text("when the connection is back")
    chat.attach(picture("second.jpg"))
    chat.expect_uploads("failed")
    chat.go_online()
    chat.expect_reply()

    chat.expect_uploads("failed")
    chat.page.get_by_role("button", name="Try second.jpg again").click()
    chat.expect_uploads("ready")
    chat.ask("And this?")
    chat.expect_reply()
    expect(chat.picture("second.jpg")).to_be_visible()


def test_a_draft_survives_a_reload_with_its_pictures(chat: ChatPage) -> None:
    chat.attach(picture("kept.jpg"))
    chat.expect_uploads("ready")
    chat.write("Half a question")
    chat.reload()

    expect(chat.box).to_have_value("Half a question")
    chat.expect_uploads("ready")
    expect(chat.uploads.locator("img")).to_be_visible()
    chat.send()
    chat.expect_reply()
    chat.expect_said("Half a question")


def test_words_that_cannot_be_sent_stay_where_they_were_typed(chat: ChatPage) -> None:
    words = "word " * 60_000
    chat.ask(words)

    expect(chat.note).to_contain_text("too long")
    assert chat.box.input_value() == words
    expect(chat.box).to_be_editable()


def test_what_was_changed_is_said_at_the_upload_and_in_the_thread(chat: ChatPage) -> None:
    long = sample_images.encoded(sample_images.screenshot((600, 6000)), "PNG")
    sentence = "so long that the model sees it much smaller"
    chat.attach(file("long.png", long, "image/png"))
    chat.expect_uploads("ready")
    expect(chat.uploads).to_contain_text(sentence)
    chat.write("What does it say?")
    chat.reload()
    expect(chat.uploads).to_contain_text(sentence)
    chat.send()
    chat.expect_reply()

    expect(chat.messages.first.locator(".tile-note")).to_contain_text(sentence)
    chat.picture("long.png").click()
    expect(chat.page.get_by_role("dialog", name="Picture")).to_contain_text(sentence)
    chat.page.keyboard.press("Escape")
    chat.expect_same_as_opened_afresh()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), [("black", "white"), ("white", "black")])
def test_what_is_transparent_contrasts_with_its_ground_in_every_view(
    chat: ChatPage, ink: str, ground: str, scheme: Literal["light", "dark"]
) -> None:
    chat.page.emulate_media(color_scheme=scheme)
    data = sample_images.encoded(odd_images.written(ink, (0, 0, 0, 0)), "PNG")
    chat.attach(file("logo.png", data, "image/png"))
    chat.expect_uploads("ready")
    chat.page.wait_for_function(
        "() => document.querySelector('[data-upload] img').src.endsWith('/thumbnail/')"
    )
    assert contrasts(chat.uploads.locator("img"))
    chat.ask("What is this?")
    chat.expect_reply()
    assert contrasts(chat.picture("logo.png").locator("img"))
    chat.picture("logo.png").click()
    large = chat.page.get_by_role("dialog", name="Picture").locator("img")
    expect(large).to_have_attribute("data-ground", ground)
    assert contrasts(large)


def contrasts(picture: Locator) -> bool:
    """Tell whether light and dark are both seen in the middle of what is on the screen."""
    picture.evaluate("async (image) => { await image.decode(); }")
    shot = Image.open(BytesIO(picture.screenshot())).convert("L")
    width, height = shot.size
    middle = shot.crop((width // 5, height // 5, width * 4 // 5, height * 4 // 5))
    low, high = middle.getextrema()
    assert isinstance(low, int)
    assert isinstance(high, int)
    return high - low > 120
