"""One's own pictures: found, described, asked about again, selected, deleted; with keys, and by touch."""

import re
import zipfile
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support import fake_scenarios as scenarios
from tests.support import sample_images
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage, file
from tests.support.browser.search import rare_word
from tests.support.browser.site import Site

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


def scene(quality: int = 90) -> bytes:
    return sample_images.encoded(sample_images.scene((600, 400)), "JPEG", quality=quality)


def ask_about(chat: ChatPage, name: str, data: bytes, question: str = "What is this?") -> None:
    """Ask in a new chat."""
    chat.open()
    chat.attach(file(name, data))
    chat.expect_uploads("ready")
    chat.ask(question)
    chat.expect_reply()


def tile(page: Page, name: str) -> Locator:
    return page.locator(f'.picture-tile[data-name="{name}"]')


def open_pictures(chat: ChatPage) -> Page:
    """Open them by the button in the sidebar."""
    chat.open()
    chat.page.get_by_role("button", name="My pictures", exact=True).click()
    expect(chat.page.get_by_role("heading", name="My pictures")).to_be_visible()
    expect(chat.page.locator("picture-grid:defined")).to_be_attached()
    return chat.page


def test_a_picture_is_found_described_and_asked_about_again(open_chat: OpenChat) -> None:
    chat = open_chat("dora")
    word = rare_word()
    picture = scene()
    ask_about(chat, "garden.jpg", picture, f"Which {word} is this?")
    ask_about(chat, "other.jpg", scene())
    page = open_pictures(chat)
    page.get_by_role("searchbox").fill(word)
    page.keyboard.press("Enter")
    expect(page.locator(".picture-tile")).to_have_count(1)
    tile(page, "garden.jpg").click()
    page.get_by_role("button", name="Details").click()
    details = page.get_by_role("dialog", name="Details of the picture")
    chat.site.fake.script(scenarios.say("A garden with a red gate."))
    details.get_by_role("button", name="Suggest").click()
    field = details.get_by_role("textbox", name="Alternative text")
    expect(field).to_have_value("A garden with a red gate.")
    field.press("End")
    field.press_sequentially(" At noon.")
    field.press("ArrowLeft")  # moves in the text, and not to another picture
    details.get_by_role("button", name="Save").click()
    expect(details.get_by_text("Saved.")).to_be_visible()
    expect_accessible(page, "the details of a picture")
    details.get_by_role("link", name=re.compile(word)).click()

    expect(chat.picture("garden.jpg").locator("img")).to_have_attribute(
        "alt", "A garden with a red gate. At noon."
    )
    expect(page.locator("article[data-role=user]")).to_be_focused()
    chat.picture("garden.jpg").click()
    page.get_by_role("button", name="Details").click()
    details.get_by_role("button", name="Ask again in a new chat").click()
    expect(page).to_have_url(f"{chat.site.url}/")
    chat.expect_uploads("ready")
    chat.ask("And this time?")
    chat.expect_reply()
    expect(chat.picture("garden.jpg")).to_be_visible()
    chat.open()
    link = page.get_by_role("link", name="You asked about this before")
    again = file("again.jpg", sample_images.saved_again(picture, 40))
    chat.attach(again)
    expect(link).to_be_visible()
    before = page.locator("[data-composer]").bounding_box()
    page.locator("[data-asked-before]").get_by_role("button", name="Close").click()
    expect(link).to_be_hidden()
    assert page.locator("[data-composer]").bounding_box() == before, "nothing jumps"
    page.get_by_role("button", name="Remove again.jpg").click()
    chat.attach(again)
    link.click()
    chat.expect_said("And this time?")


def test_the_keyboard_selects_downloads_and_deletes(open_chat: OpenChat) -> None:
    chat = open_chat("eve")
    names = ["one.jpg", "two.jpg", "three.jpg"]
    chat.attach(*(file(name, scene()) for name in names))
    chat.expect_uploads("ready", "ready", "ready")
    chat.ask("What are these?")
    chat.expect_reply()
    address = chat.page.url
    page = open_pictures(chat)
    tiles = page.locator(".picture-tile")
    expect(tiles).to_have_count(3)
    expect_accessible(page, "my pictures")
    tiles.first.focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_text("2 selected")).to_be_visible()
    expect_accessible(page, "selected pictures")
    page.keyboard.press("Escape")
    expect(page.get_by_text("2 selected")).to_be_hidden()
    tiles.nth(1).focus()
    page.keyboard.press("ArrowLeft")
    expect(tiles.first).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("End")
    page.keyboard.press("Space")
    kept = tiles.nth(1).get_attribute("data-name")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download").click()
    with zipfile.ZipFile(downloading.value.path()) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 2
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("dialog", name="Delete 2 pictures?")).to_be_visible()
    page.get_by_role("button", name="Delete for good").click()
    expect(tiles).to_have_count(1)
    expect(tiles.first).to_be_focused()
    expect(tiles.first).to_have_attribute("data-name", kept or "")

    chat.open(address.removeprefix(chat.site.url))
    expect(page.get_by_text("2 pictures of this message were deleted.")).to_be_visible()
    expect(chat.picture(kept or "")).to_be_visible()


def test_a_phone_selects_and_deletes_by_touch_and_an_empty_page_invites(
    site: Site, open_chat: OpenChat
) -> None:
    site.rows.create_person("pia")
    chat = open_chat("pia", **PHONE)
    page = chat.page
    page.goto(f"{chat.site.url}/pictures/")
    expect(page.get_by_text("No pictures yet")).to_be_visible()
    expect_accessible(page, "my pictures, of which there are none")
    page.set_viewport_size({"width": 360, "height": 740})
    name = f"{rare_word()}.jpg"
    ask_about(chat, name, scene())
    page.goto(f"{chat.site.url}/pictures/")
    tile(page, name).tap()
    expect(page.get_by_role("dialog", name="Picture")).to_contain_text(name)
    page.get_by_role("button", name="Close").tap()
    page.get_by_label(f"Select {name}").locator("xpath=..").tap()
    expect(page.get_by_text("1 selected")).to_be_visible()
    bar = page.locator("[data-bar]").bounding_box()
    assert bar is not None
    assert bar["x"] >= 0
    assert bar["x"] + bar["width"] <= 360
    page.get_by_role("button", name="Delete", exact=True).tap()
    page.get_by_role("button", name="Delete for good").tap()

    expect(page.get_by_text("No pictures yet")).to_be_visible()


def test_all_that_are_found_are_selected_also_those_that_were_not_scrolled_to(
    site: Site, open_chat: OpenChat
) -> None:
    site.rows.create_person("max")
    site.rows.create_pictures("max", 130)
    chat = open_chat("max", **PHONE)
    page = chat.page
    page.goto(f"{chat.site.url}/pictures/")
    tiles = page.locator(".picture-tile")
    expect(page.locator("picture-grid:defined")).to_be_attached()
    tiles.first.press("Space")
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.get_by_role("button", name="Select all 130", exact=True).tap()
    expect(page.get_by_text("130 selected")).to_be_visible()
    expect(page.get_by_role("button", name="Select all")).to_be_hidden()
    expect_accessible(page, "all pictures selected")
    page.set_viewport_size({"width": 360, "height": 740})
    for count in (120, 130):
        page.keyboard.press("End")  # to the last one that is there; older ones come
        expect(tiles.nth(count - 1)).to_be_attached()
    expect(page.locator("[data-select]:checked")).to_have_count(130)
    tiles.first.press("Space")
    expect(page.get_by_text("129 selected")).to_be_visible()
    expect(page.get_by_role("button", name="Select all 130")).to_be_visible()
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download").click()
    with zipfile.ZipFile(downloading.value.path()) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 129
    page.get_by_role("button", name="Delete", exact=True).tap()
    page.get_by_role("button", name="Delete for good").tap()
    expect(page.get_by_text("129 pictures were deleted.")).to_be_visible()
    expect(tiles).to_have_count(1)
    expect(tiles.first).to_be_focused()
