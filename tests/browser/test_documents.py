"""PDFs and TIFFs: pages are chosen from previews by mouse, keyboard and touch, and go along as pictures."""

from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, expect

from tests.support import sample_documents, sample_images
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage, file

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]

REPORT = file("report.pdf", sample_documents.numbered(30), "application/pdf")
LOCKED = file("secret.pdf", sample_documents.with_password("tea"), "application/pdf")
BROKEN = file("broken.pdf", b"%PDF-1.7", "application/pdf")


def test_pages_of_a_pdf_are_chosen_by_keyboard_mouse_and_numbers_and_sent(chat: ChatPage) -> None:
    page = chat.page
    chat.write("What is on them?")
    chat.attach(REPORT)
    dialog = page.get_by_role("dialog", name="Choose pages")
    expect(dialog.get_by_role("checkbox", name="Page 1", exact=True)).to_be_focused()
    expect(dialog.locator("[data-pages] img").first).to_have_js_property("complete", value=True)
    attach = dialog.get_by_role("button", name="Attach")
    expect(attach).to_be_disabled()

    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+Space")
    numbers = dialog.get_by_role("textbox", name="Pages")
    expect(numbers).to_have_value("1-3")
    dialog.get_by_role("checkbox", name="Page 8", exact=True).click()
    expect(numbers).to_have_value("1-3, 8")
    dialog.get_by_role("button", name="Select all").click()
    expect(dialog).to_contain_text("There is room for 10 more pictures.")
    expect(attach).to_be_disabled()
    numbers.fill("2, x")
    expect(dialog).to_contain_text("Write the numbers of pages like this")
    numbers.fill("2, 30-")
    expect(dialog.get_by_role("checkbox", name="Page 30", exact=True)).to_be_checked()
    expect_accessible(page, "pages of a PDF")
    dialog.get_by_role("button", name="Add their text").click()
    expect(dialog).to_contain_text("The text of 2 pages is in your message.")
    attach.click()

    chat.expect_uploads("ready", "ready")
    expect(chat.box).to_have_value(
        "What is on them?\n\nreport.pdf, page 2:\n\nThis is page 2.\nIts second line.\n\n"
        "report.pdf, page 30:\n\nThis is page 30.\nIts second line."
    )
    chat.send()
    chat.expect_reply()
    expect(chat.picture("report.pdf, page 2")).to_be_visible()
    expect(chat.picture("report.pdf, page 30")).to_be_visible()


def test_on_a_phone_a_password_is_asked_for_and_what_is_broken_is_said(open_chat: OpenChat) -> None:
    chat = open_chat(viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
    chat.troubles.expect(r"the server responded with a status of 400")
    page = chat.page
    chat.attach(BROKEN, LOCKED)
    dialog = page.get_by_role("dialog", name="Choose pages")
    expect(dialog).to_contain_text("This document cannot be read: the file is damaged or incomplete.")
    dialog.get_by_role("button", name="Close").last.tap()
    password = dialog.get_by_label("This PDF needs a password.")
    password.fill("coffee")
    dialog.get_by_role("button", name="Open").tap()
    expect(dialog).to_contain_text("This is not the password of this PDF.")
    password.fill("tea")
    dialog.get_by_role("button", name="Open").tap()
    only = dialog.get_by_role("checkbox", name="Page 1")
    expect(only).to_be_checked()
    only.tap()
    expect(only).not_to_be_checked()
    only.tap()
    dialog.get_by_role("button", name="Attach 1 page").tap()

    chat.expect_uploads("ready")
    expect(chat.uploads).to_have_attribute("title", "secret.pdf, page 1")


def scans(*colours: str) -> FilePayload:
    first, *others = [Image.new("RGB", (60, 80), colour) for colour in colours]
    data = sample_images.encoded(first, "TIFF", save_all=True, append_images=others)
    return file("scans.tif", data, "image/tiff")


def test_pages_of_a_tiff_are_chosen_and_one_page_alone_is_taken_without_asking(chat: ChatPage) -> None:
    page = chat.page
    chat.attach(scans("red"))
    chat.expect_uploads("ready")
    chat.attach(scans("red", "lime", "blue"))
    dialog = page.get_by_role("dialog", name="Choose pages")
    expect(dialog).to_contain_text("scans.tif")
    expect(dialog.locator("[data-pages] img")).to_have_count(3)
    expect(dialog.locator("[data-pages] img").last).to_have_js_property("naturalWidth", 60)
    expect(dialog.get_by_role("button", name="Add their text")).to_be_hidden()
    chat.expect_uploads("ready")
    dialog.get_by_role("checkbox", name="Page 2", exact=True).click()
    dialog.get_by_role("button", name="Attach 1 page").click()

    chat.expect_uploads("ready", "ready")
    expect(chat.uploads.last).to_have_attribute("title", "scans.tif, page 2")
    chat.send()
    chat.expect_reply()
    expect(chat.picture("scans.tif, page 2")).to_be_visible()
