"""The menu "Add": pictures and PDFs by address, of the screen and of the camera."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support import sample_documents, sample_images
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]

CHART = sample_images.encoded(sample_images.chart(), "PNG")


def add(page: Page, name: str) -> None:
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator("attach-menu").get_by_role("button", name=name).click()


def test_a_picture_and_a_pdf_come_by_their_addresses_and_a_slow_one_is_given_up(chat: ChatPage) -> None:
    page, web = chat.page, chat.site.web
    web.has("/zoo/cat.png", CHART)
    web.has("/report", sample_documents.numbered(3), "application/pdf")
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 8000000\r\n\r\n"
    web.answers["/unending"] = [head, b"0" * 2_000_000]
    page.get_by_role("button", name="Add", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("attach-menu").get_by_role("button", name="Attach pictures")).to_be_focused()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Add from a web address")
    address = dialog.get_by_role("textbox", name="Address")
    expect(address).to_be_focused()

    chat.troubles.expect("the server responded with a status of 400")
    address.fill("http://192.168.1.1/cat.png")
    address.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("This address is not on the public web")
    expect(address).to_be_focused()
    expect_accessible(page, "a web address")
    address.fill(web.url("/unending"))
    address.press("Enter")
    expect(dialog).to_contain_text("2 of 8 MB have come.")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog.get_by_role("button", name="Add", exact=True)).to_be_visible()
    chat.site.call(web.closed.wait())
    address.fill(web.url("/zoo/cat.png"))
    address.press("Enter")
    chat.expect_uploads("ready")
    expect(chat.uploads).to_have_attribute("title", "cat.png")
    expect(dialog).to_be_hidden()

    add(page, "Add from a web address")
    address.fill(web.url("/report"))
    address.press("Enter")
    pages = page.get_by_role("dialog", name="Choose pages")
    pages.get_by_role("checkbox", name="Page 2").check()
    pages.get_by_role("button", name="Attach 1 page").click()
    chat.expect_uploads("ready", "ready")
    chat.ask("Which animal?")
    chat.expect_reply()
    expect(chat.picture("report, page 2")).to_be_visible()


def test_what_the_camera_sees_is_attached(open_chat: OpenChat) -> None:
    chat = open_chat(permissions=["camera"])
    add(chat.page, "Use the camera")
    dialog = chat.page.get_by_role("dialog", name="Camera")
    expect(dialog.locator("video")).to_have_js_property("paused", value=False)
    dialog.get_by_role("button", name="Take a picture").click()

    chat.expect_uploads("ready")
    expect(chat.uploads).to_have_attribute("title", "Photo.jpg")
    expect(dialog).to_be_hidden()
    expect(chat.page.locator("camera-dialog video")).to_have_js_property("srcObject", value=None)


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("NotAllowedError", "Allow it in the address bar, then try again."),
        ("NotFoundError", "No camera was found."),
        ("NotReadableError", "Nothing was captured"),
    ],
)
def test_a_camera_that_is_refused_is_told_from_one_that_is_not_there(
    chat: ChatPage, reason: str, sentence: str
) -> None:
    chat.page.evaluate(
        """(reason) => {
          navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", reason));
        }""",
        reason,
    )
    add(chat.page, "Use the camera")

    expect(chat.note).to_contain_text(sentence)


def test_what_is_shared_of_the_screen_is_attached(chat: ChatPage) -> None:
    add(chat.page, "Capture the screen")

    chat.expect_uploads("ready")
    expect(chat.uploads).to_have_attribute("title", "Screen.png")
