"""Questions about places in pictures: boxes by mouse, keyboard and touch, and where they are shown."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.support import fake_scenarios as scenarios
from tests.support import sample_images
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage, file

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
SCENE = sample_images.encoded(sample_images.scene((1200, 900)), "JPEG")
HAS_COME = "(picture) => picture.complete && picture.naturalWidth > 0"
Place = tuple[float, float]


class RegionEditor:
    """The dialog, and what a person does in it; places are fractions of the picture."""

    def __init__(self, chat: ChatPage) -> None:
        self._page = chat.page
        self.dialog = chat.page.get_by_role("dialog", name="Ask about a region")
        self.items = self.dialog.get_by_role("listitem")
        self._shapes = self.dialog.get_by_role("group", name="Picture")

    def open(self, inside: Locator) -> None:
        """By the button in this tile, or view."""
        inside.get_by_role("button", name="Ask about a region", exact=True).click()
        expect(self._shapes).to_be_focused()
        picture = self.dialog.locator("[data-stage] img").element_handle()
        self._page.wait_for_function(HAS_COME, arg=picture)

    def drag(self, start: Place, end: Place) -> None:
        (left, top), (right, bottom) = self._at(start), self._at(end)
        self._page.mouse.move(left, top)
        self._page.mouse.down()
        self._page.mouse.move(right, bottom, steps=3)
        self._page.mouse.up()

    def drag_by_touch(self, start: Place, end: Place) -> None:
        """One finger; the browser makes the events."""
        session = self._page.context.new_cdp_session(self._page)

        def touch(kind: str, *places: Place) -> None:
            points = [{"x": x, "y": y} for x, y in map(self._at, places)]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        touch("touchStart", start)
        touch("touchMove", ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
        touch("touchMove", end)
        touch("touchEnd")
        session.detach()

    def press(self, *keys: str) -> None:
        for key in keys:
            self._page.keyboard.press(key)

    def _at(self, place: Place) -> Place:
        box = self._shapes.bounding_box()
        assert box is not None
        return box["x"] + place[0] * box["width"], box["y"] + place[1] * box["height"]


def attach(chat: ChatPage) -> None:
    chat.attach(file("plan.jpg", SCENE))
    chat.expect_uploads("ready")


def regions_of(tile: Locator) -> list[dict[str, Any]]:
    """What the server has of the last question's picture, without the digits that nobody sees."""
    choice = json.loads(tile.get_attribute("data-choice") or "{}")
    return [
        {key: round(value, 2) if isinstance(value, float) else value for key, value in region.items()}
        for region in choice["regions"]
    ]


def region(letter: str, x: float, y: float, width: float, height: float) -> dict[str, Any]:
    return {"letter": letter, "x": x, "y": y, "width": width, "height": height, "drawn_by": "person"}


def outline_on(element: Locator, letter: str) -> Locator:
    return element.locator(f'[data-outline="{letter}"]')


def test_boxes_are_drawn_by_mouse_and_keyboard_and_shown_where_they_are_named(chat: ChatPage) -> None:
    site, page, editor = chat.site, chat.page, RegionEditor(chat)
    site.now(site.fake.script, scenarios.say("In **area B** is a lamp. Area C is not there."))
    attach(chat)
    editor.open(chat.uploads)
    editor.drag((0.25, 0.25), (0.5, 0.75))
    expect(editor.items).to_have_count(1)
    editor.press("Escape")
    expect(chat.box).to_be_focused()
    editor.open(chat.uploads)
    # another in the middle, moved by 2% of the longer side to the right, and so much higher
    editor.press("ArrowRight", "ArrowRight", "ArrowRight", "Shift+ArrowDown", "Shift+ArrowDown", "Enter")
    expect(editor.items).to_have_count(2)
    # a third that is not set when the dialog closes
    editor.dialog.get_by_role("button", name="Add a box").click()
    expect(editor.items).to_have_count(3)
    expect_accessible(page, "the editor of regions")
    editor.press("Escape")
    expect(editor.dialog).to_be_hidden()
    expect(chat.uploads.locator("[data-region]")).to_have_text(["A", "B"])
    chat.uploads.get_by_role("button", name="Remove area A").click()
    expect(chat.uploads.locator("[data-region]")).to_have_text(["B"])
    chat.ask("What is there?")
    chat.expect_reply()

    tile = chat.picture("plan.jpg")
    assert regions_of(tile) == [region("B", 0.37, 0.35, 0.3, 0.33)]
    (*_, overview, cut, _) = site.fake.calls[-1].body["messages"][-1]["content"]
    assert [overview["type"], cut["type"]] == ["image_url", "image_url"]
    chip = page.locator("[data-thread] [data-region]")
    expect(chip).to_have_text("B")
    chip.hover()
    expect(outline_on(tile, "B")).to_be_visible()
    chat.box.focus()
    chat.box.hover()
    expect(outline_on(tile, "B")).to_be_hidden()
    letters = chat.answer.locator("[data-region-letter]")
    expect(letters).to_have_text(["B"])
    letters.focus()
    expect(outline_on(tile, "B")).to_be_visible()
    editor.press("Enter")
    lightbox = page.get_by_role("dialog", name="Picture")
    expect(outline_on(lightbox, "B")).to_be_visible()
    expect_accessible(page, "the viewer of a picture with a region")


def test_reviewers_see_the_regions_too(chat: ChatPage, open_chat: OpenChat) -> None:
    chat.site.now(chat.site.fake.script, scenarios.say("Area A shows a lamp."))
    attach(chat)
    editor = RegionEditor(chat)
    editor.open(chat.uploads)
    editor.drag((0.25, 0.25), (0.5, 0.75))
    editor.press("Enter")
    chat.ask("What is there?")
    chat.expect_reply()
    conversation = chat.page.url.rstrip("/").rpartition("/")[2]
    root = open_chat("root").open(f"/admin/vision_chat/conversation/{conversation}/change/")
    tile = root.picture("plan.jpg")
    root.page.locator("[data-region-letter]").hover()
    expect(outline_on(tile, "A")).to_be_visible()
    root.page.locator("[data-region]").click()
    lightbox = root.page.get_by_role("dialog", name="Picture")
    expect(outline_on(lightbox, "A")).to_be_visible()
    lightbox.get_by_role("button", name="What the model saw").click()
    expect(lightbox).to_contain_text("What the model saw (1 of 2)")
    lightbox.get_by_role("button", name="What the model saw").click()

    expect(lightbox).to_contain_text(re.compile(r"What the model saw \(2 of 2\), \d+ × 1120"))


def test_an_earlier_picture_is_asked_about_and_an_edit_keeps_its_region(chat: ChatPage) -> None:
    page, editor = chat.page, RegionEditor(chat)
    attach(chat)
    chat.ask("What is this?")
    chat.expect_reply()
    chat.picture("plan.jpg").click()
    lightbox = page.get_by_role("dialog", name="Picture")
    editor.open(lightbox)
    editor.press("Escape")
    chat.expect_uploads()
    chat.picture("plan.jpg").click()
    editor.open(lightbox)
    editor.drag((0.5, 0.5), (0.75, 0.75))
    editor.press("Enter")
    expect(chat.box).to_be_focused()
    chat.expect_uploads("ready")
    chat.reload()
    expect(chat.uploads.locator("[data-region]")).to_have_text(["A"])
    chat.ask("And there?")
    chat.expect_reply()
    page.get_by_role("button", name="Edit", exact=True).last.click()
    box = page.get_by_role("textbox", name="Edit your question")
    expect(page.locator("message-editor [data-region]")).to_have_text(["A"])
    box.fill("What is there?")
    box.press("Enter")
    expect(page.locator("[data-role=user] [data-body]").last).to_have_text("What is there?")
    chat.expect_reply()

    assert regions_of(chat.picture("plan.jpg").last) == [region("A", 0.5, 0.5, 0.25, 0.25)]


def test_a_place_that_a_model_has_named_is_asked_about(chat: ChatPage) -> None:
    attach(chat)
    chat.ask("What is this?")
    chat.expect_reply()
    image_id = chat.picture("plan.jpg").get_attribute("data-image")
    detail = {"imageId": image_id, "x": 0.25, "y": 0.5, "width": 0.0, "height": 0.0, "label": "lamp"}
    chat.page.evaluate(
        """(detail) => document.querySelector("chat-thread").dispatchEvent(
          new CustomEvent("region:ask", { bubbles: true, detail }))""",
        detail,
    )
    expect(chat.box).to_be_focused()
    expect(chat.uploads.locator("[data-region]")).to_have_text(["A"])
    chat.ask("And this?")
    chat.expect_reply()

    (asked,) = regions_of(chat.picture("plan.jpg").last)
    assert asked["drawn_by"] == "model"
    assert asked["width"] > 0


def test_a_phone_draws_boxes_by_touch(open_chat: OpenChat) -> None:
    chat = open_chat(**PHONE)
    editor = RegionEditor(chat)
    attach(chat)
    editor.open(chat.uploads)
    editor.drag_by_touch((0.25, 0.25), (0.75, 0.5))
    expect(editor.items).to_have_count(1)
    # taken by its middle, and moved
    editor.drag_by_touch((0.5, 0.375), (0.5, 0.625))
    editor.dialog.get_by_role("button", name="Done").tap()  # at once: no tap is taken for the end of a fling
    expect(editor.dialog).to_be_hidden()
    chat.ask("What is there?")
    chat.expect_reply()

    assert regions_of(chat.picture("plan.jpg")) == [region("A", 0.25, 0.5, 0.5, 0.25)]
