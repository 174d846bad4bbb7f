"""An administrator adds an endpoint, imports models, tests one, and deletes it: on a desktop and a phone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support import fake_scenarios as scenarios
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]
KEY = "sk-of-nobody-9876543210"


def test_an_endpoint_is_added_its_models_imported_and_one_of_them_tested(open_chat: OpenChat) -> None:
    root = open_chat("root")
    page = root.page
    page.set_viewport_size({"width": 1440, "height": 900})
    root.open("/admin/vision_chat/endpoint/")
    content = page.locator("#content")
    root.follow(content.get_by_role("link", name="Add endpoint"))
    content.get_by_label("Name").fill("Our own server")
    content.get_by_label("Address").fill(root.site.fake.base_url)
    content.get_by_label("Key", exact=False).first.fill(KEY)
    content.get_by_role("button", name="Save", exact=True).click()
    content.get_by_role("link", name="Our own server").click()
    expect(content.get_by_text("A key is stored")).to_be_visible()
    assert KEY not in page.content()
    expect_accessible(page, "the form of an endpoint")
    endpoint = page.url

    root.follow(content.get_by_role("link", name="Import models"))
    expect_accessible(page, "the import of models")
    page.set_viewport_size({"width": 390, "height": 800})
    content.get_by_text("fake/text", exact=True).click()
    content.get_by_role("button", name="Import").click()
    expect(page.get_by_role("status")).to_contain_text("1 model was imported")
    content.locator("#result_list").get_by_role("link", name="fake/text").click()
    expect(content.get_by_role("heading", name="Habits")).to_be_visible()
    expect_accessible(page, "the form of a model")

    root.site.now(root.site.fake.script, scenarios.say("ready"))
    content.get_by_role("button", name="Test").click()
    expect(content.get_by_role("region", name="A question")).to_contain_text("First token")
    expect(content.get_by_text("No picture was sent, because this model takes none.")).to_be_visible()
    expect_accessible(page, "the result of a test")

    page.goto(endpoint)
    content.get_by_role("link", name="Delete").click()
    content.get_by_role("button", name=re.compile("^Yes|Delete")).click()
    expect(page.get_by_role("status")).to_contain_text("deleted")


def test_on_a_phone_the_list_shows_the_state_of_an_endpoint_without_scrolling(open_chat: OpenChat) -> None:
    root = open_chat("root")
    root.page.set_viewport_size({"width": 360, "height": 800})
    root.open("/admin/vision_chat/endpoint/")
    state = root.page.locator("#result_list .field-state", has_text="From the environment")
    box = state.bounding_box()
    assert box
    assert box["x"] + box["width"] <= 360
