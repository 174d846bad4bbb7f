"""Places that an answer names, drawn on the picture; asking where something is."""

from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, expect

from tests.support import sample_images
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage, file
from tests.support.browser.site import Site
from tests.support.fake_scenarios import say, step

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
SIZE = 900, 600
KETTLE, CUP = (90, 60, 450, 300), (540, 360, 810, 540)
"""In pixels of the picture; in thousandths both are 0.1 or 0.6 of its sides and so on."""
FIRST = '```json\n[\n{"bbox_2d": [100, 100, 500, 500], "label": "the red kettle"},\n'
SECOND = '{"bbox_2d": [600, 600, 900, 900], "label": "cup"}\n]\n```'
WAITS_FOR_REGIONS = """() => {
  document.documentElement.dataset.regionAsk = "";
  document.addEventListener("region:ask", ({ detail }) => (window.asked = detail));
}"""
PLACE = """(shape) => {
  const picture = shape.closest("[data-thread] [data-image], .lightbox-stage").querySelector("img");
  const [inner, outer] = [shape, picture].map((element) => element.getBoundingClientRect());
  return [
    (inner.left - outer.left) / outer.width,
    (inner.top - outer.top) / outer.height,
    (inner.right - outer.left) / outer.width,
    (inner.bottom - outer.top) / outer.height,
  ];
}"""
"""Where a shape lies on its picture, in fractions of that. Read at once: the thread may be scrolling."""
NUMBERS = "({ dataset: { x, y, w, h } }) => [x, y, w, h].map(Number)"


@pytest.fixture(scope="module")
def nora(site: Site) -> str:
    """Somebody whose model names places in thousandths, and who has two of which nothing is known."""
    site.rows.create_person("nora")
    site.rows.create_models(
        "nora", {"model_name": "qwen3-vl-8b"}, {"model_name": "mystery"}, {"model_name": "riddle"}
    )
    return "nora"


def kettle_and_cup() -> bytes:
    """A picture with a red and a blue rectangle on sand."""
    image = Image.new("RGB", SIZE, "#d9cdb8")
    pen = ImageDraw.Draw(image)
    pen.rectangle(KETTLE, fill="#b23a2e")
    pen.rectangle(CUP, fill="#2c5f91")
    return sample_images.encoded(image, "PNG")


def with_model(chat: ChatPage, name: str) -> ChatPage:
    return chat.open(f"/?model={name}")


def attach_and_ask(chat: ChatPage, text: str = "Where are they?") -> None:
    chat.attach(file("kitchen.png", kettle_and_cup(), "image/png"))
    chat.expect_uploads("ready")
    chat.ask(text)


def expect_drawn(shape: Locator, pixels: tuple[int, int, int, int]) -> None:
    """The shape lies around these pixels of its picture."""
    fractions = [pixel / side for pixel, side in zip(pixels, SIZE * 2, strict=True)]
    assert shape.evaluate(PLACE) == pytest.approx(fractions, abs=0.005)


def test_boxes_are_drawn_as_they_come_and_can_be_seen_large_asked_about_and_saved(
    open_chat: OpenChat, nora: str
) -> None:
    chat = with_model(open_chat(nora), "qwen3-vl-8b")
    chat.page.evaluate(WAITS_FOR_REGIONS)
    chat.site.fake.script(step(FIRST + SECOND))
    attach_and_ask(chat)
    call = chat.site.next_call()
    drawn = chat.page.locator("[data-thread] [data-box]")
    call.release(12)  # the first box, and not all of the second
    expect(drawn).to_have_count(1)
    expect(chat.answer.get_by_role("listitem").filter(has_text="the red kettle")).to_be_visible()
    chat.expect_running()
    call.release(100)
    chat.expect_reply()
    expect(chat.answer.get_by_role("link", name="COCO JSON")).to_be_visible()  # all of them are fetched
    expect(drawn).to_have_count(2)
    expect_drawn(drawn.nth(0), KETTLE)
    expect_drawn(drawn.nth(1), CUP)
    assert drawn.nth(1).evaluate(NUMBERS) == [0.6, 0.6, 0.3, 0.3]
    expect_accessible(chat.page, "places of an answer")

    kettle = chat.answer.get_by_role("button", name="1 the red kettle")
    kettle.focus()
    expect(drawn.nth(0)).to_have_attribute("data-lit", "")
    kettle.press("Enter")
    lightbox = chat.page.get_by_role("dialog", name="Picture")
    large = lightbox.locator("[data-box]")
    expect(large).to_have_count(2)
    chat.page.wait_for_function("() => document.querySelector('.lightbox-stage img').naturalWidth === 900")
    expect_drawn(large.nth(0), KETTLE)
    expect_accessible(chat.page, "places in the lightbox")
    lightbox.get_by_role("button", name="Places").click()
    expect(large).to_have_count(0)
    chat.page.keyboard.press("Escape")
    expect(kettle).to_be_focused()

    drawn.nth(1).hover()
    expect(chat.answer.locator("[data-place]").nth(1)).to_have_attribute("data-lit", "")
    chat.answer.get_by_role("button", name="Ask about this").last.click()
    asked = chat.page.evaluate("window.asked")
    assert (asked["label"], asked["x"], asked["width"]) == ("cup", 0.6, 0.3)
    with chat.page.expect_download() as downloading:
        chat.answer.get_by_role("link", name="CSV").click()
    assert downloading.value.path().read_text().splitlines()[1:] == [
        "kitchen.png,the red kettle,box,90.0,60.0,360.0,240.0",
        "kitchen.png,cup,box,540.0,360.0,270.0,180.0",
    ]
    chat.reload()
    expect(drawn).to_have_count(2)


def test_on_a_phone_something_is_located_and_the_frame_is_asked_once(open_chat: OpenChat, nora: str) -> None:
    chat = with_model(open_chat(nora, **PHONE), "mystery")
    page = chat.page
    chat.attach(file("kitchen.png", kettle_and_cup(), "image/png"))
    chat.expect_uploads("ready")
    page.get_by_role("button", name="Locate", exact=True).tap()
    dialog = page.get_by_role("dialog", name="Locate", exact=True)
    dialog.get_by_label("What should be found?").fill("the cup")
    expect(dialog).to_contain_text("It is not known how this model points at places")
    expect_accessible(page, "the dialog that asks what should be found")
    page.set_viewport_size({"width": 360, "height": 740})
    chat.site.fake.script(say(FIRST + SECOND), say('{"bbox_2d": [100, 100, 500, 500]}'))
    dialog.get_by_role("button", name="Ask").tap()
    chat.expect_reply()
    expect(page.locator("article[data-role=user] [data-body]")).to_contain_text(
        "Locate the cup in the picture."
    )
    drawn = page.locator("[data-thread] [data-box]")
    question = chat.answer.get_by_role("group", name="What are its numbers?")
    expect(question).to_be_visible()
    expect(drawn).to_have_count(0)
    expect_accessible(page, "the question for a frame")
    page.set_viewport_size({"width": 360, "height": 740})
    question.get_by_role("button", name="0 to 1000").tap()
    expect(drawn).to_have_count(2)
    expect_drawn(drawn.nth(0), KETTLE)
    chat.ask("And the kettle?")
    chat.expect_reply()
    expect(chat.answer.locator("[data-place]")).to_have_count(1)
    expect(chat.answer).to_contain_text("Numbers are read as 0 to 1000.")
    chat.answer.get_by_role("button", name="1 Unnamed").tap()
    expect(page.get_by_role("dialog", name="Picture").locator("[data-box]")).to_have_count(1)


def test_places_in_an_overview_are_drawn_unasked_and_can_be_moved_to_a_part(
    open_chat: OpenChat, nora: str
) -> None:
    chat = with_model(open_chat(nora, **PHONE), "riddle")
    page = chat.page
    large = sample_images.photograph((4000, 3000), quality=40)
    chat.attach(file("street.jpg", large))
    chat.expect_uploads("ready")
    chat.uploads.first.get_by_role("button", name="As the model sees it").tap()
    dialog = page.get_by_role("dialog", name="As the model sees it")
    dialog.get_by_role("radio", name="Fine print").check()
    expect(dialog.get_by_role("img", name="A part of the picture").first).to_be_attached()
    dialog.get_by_role("button", name="Close").tap()
    chat.site.fake.script(say('{"bbox": [0.1, 0.1, 0.5, 0.5], "label": "<img src=x \\u202e car"}'))
    chat.ask("Where is the car?")
    chat.expect_reply()
    drawn = page.locator("[data-thread] [data-box]")
    expect(drawn).to_have_count(1)
    assert drawn.evaluate(NUMBERS) == [0.1, 0.1, 0.4, 0.4]
    for place in (drawn, chat.answer.locator("[data-place]")):
        expect(place.locator("bdi")).to_have_text("<img src=x car", use_inner_text=False)
        expect(place.locator("img")).to_have_count(0)
    copies = chat.answer.get_by_text("In the overview")
    expect(chat.answer.get_by_role("group", name="Copy of the picture")).to_be_hidden()
    copies.tap()
    choices = chat.answer.get_by_role("group", name="Copy of the picture").get_by_role("button")
    expect(choices.first).to_have_attribute("aria-pressed", "true")
    expect_accessible(page, "the choice of a copy")
    page.set_viewport_size({"width": 360, "height": 740})
    choices.nth(1).tap()
    expect(chat.answer).to_contain_text("In the part that begins 0% from the left and 0% from the top")
    expect(drawn).to_have_count(1)
    _, _, width, height = drawn.evaluate(NUMBERS)
    assert width * height < 0.9 * 0.4 * 0.4


def test_a_reviewer_sees_the_places_of_an_answer_and_the_picture_large(
    open_chat: OpenChat, nora: str
) -> None:
    chat = with_model(open_chat(nora), "qwen3-vl-8b")
    chat.site.fake.script(say(f"{FIRST}{SECOND}".removeprefix("```json\n").removesuffix("\n```")))
    attach_and_ask(chat, "What stands there?")
    chat.expect_reply()
    expect(chat.answer.get_by_role("link", name="COCO JSON")).to_be_visible()
    root = open_chat("root").open("/admin/vision_chat/conversation/?owner=nora")
    page = root.page
    root.follow(page.get_by_role("link", name="What stands there?", exact=True))
    drawn = page.locator("[data-thread] [data-box]")
    expect(drawn).to_have_count(2)
    expect_drawn(drawn.nth(0), KETTLE)
    expect(page.get_by_role("button", name="Ask about this")).to_have_count(0)
    expect(page.get_by_role("link", name="COCO JSON")).to_have_count(0)
    expect_accessible(page, "places in a transcript")

    cup = page.get_by_role("button", name="2 cup")
    cup.focus()
    expect(drawn.nth(1)).to_have_attribute("data-lit", "")
    cup.press("Enter")
    large = page.get_by_role("dialog", name="Picture").locator("[data-box]")
    expect(large).to_have_count(2)
    expect(large.nth(1)).to_have_attribute("data-lit", "")
    page.keyboard.press("Escape")
    expect(cup).to_be_focused()
