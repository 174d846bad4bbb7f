"""A picture of the thread, large."""

import pytest
from playwright.sync_api import Locator, expect

from tests.support import sample_images
from tests.support.browser.chat_page import ChatPage, file

pytestmark = pytest.mark.browser

NATURAL_SIZE = "(image) => [image.naturalWidth, image.naturalHeight]"


@pytest.fixture
def lightbox(chat: ChatPage) -> Locator:
    """Of a conversation with three pictures, opened by keyboard at the first, which is large."""
    photograph = sample_images.photograph((2400, 1800), quality=60)
    small = sample_images.encoded(sample_images.chart(), "JPEG")
    chat.attach(file("one.jpg", photograph), file("two.jpg", small), file("three.jpg", small))
    chat.expect_uploads("ready", "ready", "ready")
    chat.ask("What are these?")
    chat.expect_reply()
    chat.picture("one.jpg").focus()
    chat.page.keyboard.press("Enter")
    lightbox = chat.page.get_by_role("dialog", name="Picture")
    expect(lightbox).to_be_visible()
    return lightbox


def test_the_keyboard_goes_through_the_pictures_and_back_to_where_it_came_from(
    chat: ChatPage, lightbox: Locator
) -> None:
    expect(lightbox).to_contain_text("one.jpg")
    expect(lightbox.get_by_role("button", name="Previous picture")).to_be_hidden()
    chat.page.keyboard.press("ArrowRight")
    expect(lightbox).to_contain_text("two.jpg")
    expect(lightbox).to_contain_text("2 of 3")
    lightbox.get_by_role("button", name="Next picture").click()
    expect(lightbox).to_contain_text("three.jpg")
    expect(lightbox.get_by_role("button", name="Next picture")).to_be_hidden()
    chat.page.keyboard.press("ArrowLeft")
    expect(lightbox).to_contain_text("two.jpg")
    chat.page.keyboard.press("Escape")

    expect(lightbox).to_be_hidden()
    expect(chat.picture("two.jpg")).to_be_focused()


def test_escape_in_the_lightbox_does_not_stop_the_answer(chat: ChatPage, lightbox: Locator) -> None:
    chat.page.keyboard.press("Escape")
    chat.ask("[scenario: hang_midway]")
    chat.expect_running()
    chat.picture("one.jpg").click()
    expect(lightbox).to_be_visible()
    chat.page.keyboard.press("Escape")

    expect(lightbox).to_be_hidden()
    chat.expect_running()
    chat.page.keyboard.press("Escape")
    chat.expect_reply(status="stopped")


def test_the_picture_is_shown_upright_whole_and_as_the_model_got_it(
    chat: ChatPage, lightbox: Locator
) -> None:
    image = lightbox.locator("img")
    chat.page.wait_for_function("(image) => image.naturalHeight === 2400", arg=image.element_handle())
    assert image.evaluate(NATURAL_SIZE) == [1800, 2400]
    lightbox.get_by_role("button", name="As the model sees it").click()
    seen = chat.page.get_by_role("dialog", name="As the model sees it")
    copy = seen.get_by_role("img")
    chat.page.wait_for_function("(image) => image.naturalHeight > 0", arg=copy.element_handle())

    width, height = copy.evaluate(NATURAL_SIZE)
    assert max(width, height) <= 2048
    assert height > width
    seen.get_by_role("button", name="Close").click()
    lightbox.get_by_role("button", name="Close").click()
    expect(lightbox).to_be_hidden()


def test_the_original_size_is_seen_everywhere_by_keyboard(chat: ChatPage, lightbox: Locator) -> None:
    zoom = lightbox.get_by_role("button", name="Original size")
    expect(zoom).to_have_attribute("aria-disabled", "false")  # once the picture has come
    zoom.focus()
    chat.page.keyboard.press("Enter")
    expect(lightbox.get_by_role("button", name="Fit to window")).to_be_visible()
    chat.page.keyboard.press("ArrowDown")

    stage = lightbox.locator("[data-lightbox-stage]").element_handle()
    chat.page.wait_for_function("(stage) => stage.scrollTop > 0", arg=stage)
    expect(lightbox).to_contain_text("one.jpg")
    lightbox.get_by_role("button", name="Fit to window").click()
    expect(zoom).to_be_visible()
    chat.page.wait_for_function("(stage) => stage.scrollHeight === stage.clientHeight", arg=stage)


def test_a_picture_that_fits_has_no_larger_size(chat: ChatPage) -> None:
    fitting = sample_images.encoded(sample_images.scene((900, 600)), "PNG")
    chat.attach(file("fitting.png", fitting, "image/png"))
    chat.expect_uploads("ready")
    chat.ask("What is this?")
    chat.expect_reply()
    chat.picture("fitting.png").click()
    zoom = chat.page.get_by_role("button", name="Original size")
    expect(zoom).to_have_attribute("aria-disabled", "true")
    zoom.click(force=True)

    expect(zoom).to_have_attribute("title", "Original size")
    assert zoom.get_attribute("aria-pressed") is None, "its name says what it does"


def test_an_icon_can_be_enlarged(chat: ChatPage) -> None:
    icon = sample_images.encoded(sample_images.scene((24, 24)), "PNG")
    chat.attach(file("icon.png", icon, "image/png"))
    chat.expect_uploads("ready")
    chat.ask("What is this?")
    chat.expect_reply()
    chat.picture("icon.png").click()
    picture = chat.page.locator(".lightbox-stage img")
    expect(picture).to_have_css("width", "24px")
    chat.page.get_by_role("button", name="Fit to window").click()

    chat.page.wait_for_function("(picture) => picture.clientWidth > 400", arg=picture.element_handle())
    chat.page.get_by_role("button", name="Original size").click()
    expect(picture).to_have_css("width", "24px")
    expect(chat.page.get_by_role("button", name="Fit to window")).to_be_visible()


def test_a_download_is_the_picture_without_what_the_camera_wrote_into_it(
    chat: ChatPage, lightbox: Locator
) -> None:
    with chat.page.expect_download() as downloading:
        lightbox.get_by_role("link", name="Download").click()

    assert downloading.value.suggested_filename == "one.jpg"
    data = downloading.value.path().read_bytes()
    assert data.startswith(b"\xff\xd8")
    assert sample_images.SECRET not in data
