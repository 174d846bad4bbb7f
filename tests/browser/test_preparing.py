"""Pictures that are prepared before they are sent: by keyboard, mouse and touch."""

import base64
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from tests.support import fake_scenarios as scenarios
from tests.support import sample_images
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage, file
from tests.support.browser.picture_editor import PictureEditor
from tests.support.looking import close

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]
PHONE = {
    "viewport": {"width": 360, "height": 740},
    "has_touch": True,
    "is_mobile": True,
    "color_scheme": "dark",
}
CHART = file("chart.png", sample_images.encoded(sample_images.chart((500, 300)), "PNG"), "image/png")
RED, GREEN, BLUE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0)

TRANSFERRED = "(address) => performance.getEntriesByName(address).map(({ transferSize }) => transferSize)"


def sent_image(chat: ChatPage) -> Image.Image:
    """Return the picture of the last question as the endpoint got it."""
    parts = chat.site.next_call().body["messages"][-1]["content"]
    (url,) = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return Image.open(BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB")


def colour_at(image: Image.Image, x: float, y: float) -> Any:
    return image.getpixel((int(x * image.width), int(y * image.height)))


def removed(chat: ChatPage) -> Locator:
    return chat.page.locator("chat-composer .uploads-removed")


def undo(chat: ChatPage) -> Locator:
    return chat.page.get_by_role("button", name="Undo the change of chart.png")


def test_a_keyboard_is_enough_to_redact_to_undo_and_to_send(chat: ChatPage) -> None:
    chat.attach(CHART)
    chat.expect_uploads("ready")
    expect(undo(chat)).to_be_hidden()
    editor = PictureEditor(chat, "chart.png", by_keyboard=True)
    keys = chat.page.keyboard
    keys.press("Enter")
    expect(editor.shapes.first).to_be_focused()
    keys.press("Delete")
    expect(editor.shapes).to_have_count(0)
    keys.press("Enter")
    keys.press("ArrowLeft")
    keys.press("Escape")
    expect(editor.shapes).to_have_count(0)
    keys.press("Enter")
    for _ in range(30):
        keys.press("ArrowLeft")
        keys.press("Shift+ArrowRight")
    expect(editor.shapes.first).to_have_accessible_name(
        "Redact: 10% from the left, 40% from the top, 50% wide, 20% high"
    )
    keys.press("Enter")
    expect_accessible(chat.page, "the editor of a picture")
    editor.finish()

    expect(removed(chat)).to_have_text("1 area redacted")
    expect(chat.page.get_by_role("button", name="Redact chart.png")).to_be_focused()
    undo(chat).press("Enter")
    expect(removed(chat)).to_have_text("")
    expect(undo(chat)).to_be_hidden()
    again = PictureEditor(chat, "chart.png", by_keyboard=True)
    keys.press("Enter")
    keys.press("Enter")
    again.finish()
    chat.reload()
    expect(removed(chat)).to_have_text("1 area redacted")
    expect(undo(chat)).to_be_visible()
    chat.ask("What is this?")
    chat.expect_reply()
    image = sent_image(chat)
    assert close(colour_at(image, 0.5, 0.5), BLACK)
    assert close(colour_at(image, 0.3, 0.3), RED)


def test_what_was_sent_is_kept_by_the_browser_and_what_was_redacted_is_not(chat: ChatPage) -> None:
    chat.attach(CHART)
    chat.expect_uploads("ready")
    with chat.page.expect_response(re.compile("/original/$")) as response:
        editor = PictureEditor(chat, "chart.png", by_keyboard=True)
    original = response.value.url
    assert from_cache(chat, original) == 200
    chat.page.keyboard.press("Enter")
    chat.page.keyboard.press("Enter")
    editor.finish()
    chat.ask("What is this?")
    chat.expect_reply()

    chat.troubles.expect(r"the server responded with a status of 404")
    before = [original, original.replace("original", "thumbnail")]
    assert [from_cache(chat, address) for address in before] == [404, 404]
    picture = chat.picture("chart.png").locator("img")
    for _ in range(2):
        chat.reload()
        chat.page.wait_for_function("(image) => image.naturalWidth > 0", arg=picture.element_handle())
    transferred = chat.page.evaluate(TRANSFERRED, picture.evaluate("(image) => image.src"))
    assert set(transferred) == {0}, "a second reload does not ask for it again"


def from_cache(chat: ChatPage, address: str) -> int:
    """Return the status of what the browser's cache has of an address, or of the server's answer."""
    status: int = chat.page.evaluate(
        "async (address) => (await fetch(address, { cache: 'force-cache' })).status", address
    )
    return status


def test_the_mouse_marks_crops_and_turns(chat: ChatPage) -> None:
    chat.attach(CHART)
    chat.expect_uploads("ready")
    editor = PictureEditor(chat, "chart.png", "Crop")
    editor.press("Arrow")
    editor.drag((0.2, 0.4), (0.4, 0.3))
    editor.press("Box")
    editor.drag((0.3, 0.6), (0.45, 0.9))
    editor.press("Number")
    chat.page.mouse.click(*editor.at((0.2, 0.2)))
    editor.press("Text")
    chat.page.mouse.click(*editor.at((0.1, 0.6)))
    chat.page.keyboard.type("Here")
    chat.page.keyboard.press("Enter")
    expect(editor.shapes).to_have_count(4)
    editor.press("Crop")
    editor.drag((0.0, 0.0), (0.5, 1.0))
    editor.press("Rotate right")
    expect(editor.shapes).to_have_count(5)
    editor.finish()

    again = PictureEditor(chat, "chart.png", "Crop")
    expect(again.shapes).to_have_count(4)
    chat.page.keyboard.press("Escape")
    expect(again.dialog).to_be_hidden()
    chat.ask("What is this?")
    chat.expect_reply()
    image = sent_image(chat)
    assert round(image.width / image.height, 1) == 300 / 250
    # the left half turned clockwise: red was above, and is right
    assert close(colour_at(image, 0.97, 0.03), RED)
    assert close(colour_at(image, 0.03, 0.97), BLUE)
    chat.picture("chart.png").click()
    shown = chat.page.locator(".lightbox-stage img")
    expect(shown).to_be_visible()
    chat.page.wait_for_function("(image) => image.naturalWidth === 300", arg=shown.element_handle())


def test_a_finger_redacts_on_a_phone_that_reads_from_right_to_left(open_chat: OpenChat) -> None:
    chat = open_chat(**PHONE)
    chat.page.evaluate("document.documentElement.dir = 'rtl'")
    chat.attach(CHART)
    chat.expect_uploads("ready")
    editor = PictureEditor(chat, "chart.png")
    editor.swipe((0.1, 0.1), (0.4, 0.4))
    expect(editor.shapes).to_have_count(1)
    editor.swipe((0.25, 0.25), (0.85, 0.25))  # it is moved to where it is green
    width = chat.page.evaluate("document.documentElement.scrollWidth")
    assert width == 360, "nothing stands beside the page"
    editor.swipe((0.6, 0.6), (0.7, 0.7))
    editor.dialog.get_by_role("button", name="Done").tap()  # at once: no tap is taken for the end of a fling
    expect(editor.dialog).to_be_hidden()

    expect(removed(chat)).to_have_text("2 areas redacted")
    chat.ask("What is this?")
    chat.expect_reply()
    image = sent_image(chat)
    assert close(colour_at(image, 0.85, 0.25), BLACK)
    assert close(colour_at(image, 0.25, 0.25), RED)
    assert close(colour_at(image, 0.6, 0.25), GREEN)


def test_a_picture_that_was_sent_before_is_asked_about_and_redacted_there_too(
    chat: ChatPage,
) -> None:
    chat.site.fake.script(scenarios.say("A chart."), scenarios.say("A redacted chart."))
    chat.attach(CHART)
    chat.expect_uploads("ready")
    chat.ask("What is this?")
    chat.expect_reply("A chart.")
    shown = chat.picture("chart.png").get_attribute("data-image")
    addresses = [f"/images/{shown}/{variant}/" for variant in ("original", "thumbnail")]
    assert [from_cache(chat, address) for address in addresses] == [200, 200], "and it is kept now"
    chat.messages.first.hover()
    chat.messages.first.get_by_role("button", name="Edit", exact=True).click()
    editor = PictureEditor(chat, "chart.png")
    editor.drag((0.1, 0.1), (0.4, 0.4))
    editor.finish()
    chat.page.get_by_role("textbox", name="Edit your question").press("Enter")
    choice = chat.page.get_by_role("button", name="Redact it there too, for good")
    expect(choice).to_be_focused()
    expect(chat.messages.first).to_contain_text("is still shown in an earlier message")
    assert chat.messages.count() == 2, "nothing was sent"
    choice.press("Enter")
    expect(choice).to_be_hidden()
    chat.page.get_by_role("textbox", name="Edit your question").press("Enter")

    chat.expect_reply("A redacted chart.")
    chat.messages.first.get_by_role("button", name="Previous version").click()
    chat.expect_reply("A chart.")
    expect(chat.picture("chart.png")).not_to_have_attribute("data-image", shown or "")
    chat.troubles.expect(r"the server responded with a status of 404")
    assert [from_cache(chat, address) for address in addresses] == [404, 404]
