"""An administrator at work: the list, the way through it, what a conversation shows, keys, looks, a phone."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support import fake_scenarios as scenarios
from tests.support import sample_images
from tests.support.browser.accessible import expect_accessible, violations
from tests.support.browser.chat_page import ChatPage, file
from tests.support.browser.site import Site

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]
LIST = "/admin/vision_chat/conversation/"
OF_EVE = f"{LIST}?owner=eve&verdict=none"
LONG = "W" * 110
BACKGROUND = "() => getComputedStyle(document.body).backgroundColor"
CUT_OFF = """() => [...document.querySelectorAll("input, select, textarea, button, a")]
  .filter((part) => part.checkVisibility() && !part.closest(".results, .places, .skip-link"))
  .filter((part) => part.getBoundingClientRect().right > document.documentElement.clientWidth)
  .map((part) => part.outerHTML)"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def of_eve(site: Site) -> None:
    site.rows.create_conversations("eve", 9, LONG)


@pytest.fixture
def root(open_chat: OpenChat, of_eve: None) -> Iterator[ChatPage]:
    chat = open_chat("root")
    yield chat
    chat.page.set_viewport_size({"width": 1280, "height": 800})


def position(page: Page) -> Locator:
    return page.get_by_title("Back to the list")


def open_first(chat: ChatPage, listed: str = OF_EVE) -> Page:
    chat.open(listed)
    chat.follow(chat.page.locator("#result_list tbody th a").first)
    return chat.page


def open_in_admin(chat: ChatPage) -> Page:
    """The conversation that is open in the chat."""
    chat.open(chat.page.url.removeprefix(chat.site.url).replace("/c/", LIST))
    return chat.page


def number_of(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text().rpartition(" ")[2]


# the way through a list


def test_the_keys_go_through_the_filtered_list_and_say_where_one_is(root: ChatPage) -> None:
    page = open_first(root)
    count = int(position(page).inner_text().rpartition(" ")[2])
    expect(position(page)).to_have_text(re.compile(rf"\s*1 of {count}\s*"))
    first = page.url
    page.keyboard.press("j")
    expect(position(page)).to_have_text(re.compile(rf"\s*2 of {count}\s*"))
    page.wait_for_load_state()  # the keys are a script's
    page.keyboard.press("k")

    expect(position(page)).to_have_text(re.compile(rf"\s*1 of {count}\s*"))
    expect(page).to_have_url(first)
    position(page).click()
    expect(page).to_have_url(root.site.url + OF_EVE)


def test_a_review_by_keys_alone_leads_to_the_next_one(root: ChatPage) -> None:
    page = open_first(root)
    number = number_of(page)
    count = int(position(page).inner_text().rpartition(" ")[2])
    page.keyboard.press("2")
    expect(page.get_by_role("radio", name="Flawed")).to_be_checked()
    page.keyboard.press("n")
    page.keyboard.type("jk1: letters are letters here")
    expect(page.get_by_label("Note")).to_have_value("jk1: letters are letters here")
    page.keyboard.press("Control+Enter")

    expect(page.get_by_text("was saved.")).to_be_visible()
    expect(position(page)).to_have_text(re.compile(rf"\s*1 of {count - 1}\s*"))
    assert number_of(page) != number
    root.open(f"{LIST}?owner=eve&verdict=flawed")
    expect(page.locator("#result_list tbody")).to_contain_text(f"{LONG} {number}")


def test_who_does_not_want_letters_as_keys_switches_them_off_for_good(root: ChatPage) -> None:
    page = open_first(root)
    page.get_by_text("Keyboard shortcuts").click()
    page.get_by_label("Use single-key shortcuts").uncheck()
    page.reload()
    page.keyboard.press("1")
    page.keyboard.press("j")
    expect(page.get_by_role("radio", name="Good")).not_to_be_checked()
    expect(position(page)).to_have_text(re.compile(r"\s*1 of \d+\s*"))
    page.get_by_text("Keyboard shortcuts").click()
    page.get_by_label("Use single-key shortcuts").check()
    page.keyboard.press("1")

    expect(page.get_by_role("radio", name="Good")).to_be_checked()


# what a conversation shows


@pytest.fixture
def with_pictures(root: ChatPage) -> ChatPage:
    photograph = sample_images.photograph((2400, 1800), quality=60)
    small = sample_images.encoded(sample_images.chart(), "JPEG")
    root.attach(file("one.jpg", photograph), file("two.jpg", small))
    root.expect_uploads("ready", "ready")
    root.ask("What are these?")
    root.expect_reply()
    return root


def test_a_picture_opens_with_what_the_model_saw_and_gives_the_focus_back(with_pictures: ChatPage) -> None:
    page = open_in_admin(with_pictures)
    tile = page.locator('[data-name="one.jpg"]')
    tile.focus()
    page.keyboard.press("Enter")
    lightbox = page.get_by_role("dialog", name="Picture")
    expect(lightbox).to_contain_text("1 of 2")
    lightbox.get_by_role("button", name="What the model saw").click()
    expect(lightbox.locator("img")).to_have_attribute("src", re.compile(r"/model/\d+x\d+-[0-9a-f]+/$"))
    expect(lightbox).to_contain_text("What the model saw,")
    page.keyboard.press("j")  # no key of the page below
    page.keyboard.press("ArrowRight")
    expect(lightbox).to_contain_text("two.jpg")
    page.keyboard.press("Escape")

    expect(lightbox).to_be_hidden()
    expect(page.locator('[data-name="two.jpg"]')).to_be_focused()


def test_a_replaced_answer_is_folded_below_the_one_that_is_shown(root: ChatPage) -> None:
    root.site.fake.script(scenarios.say("The first answer."), scenarios.say("The second answer."))
    root.ask("How many?")
    root.expect_reply("The first answer.")
    root.press("Regenerate")
    root.expect_reply("The second answer.")
    page = open_in_admin(root)
    replaced = page.get_by_text("The first answer.")
    expect(page.get_by_text("The second answer.")).to_be_visible()
    expect(replaced).to_be_hidden()
    page.get_by_text("1 replaced answer").click()

    expect(replaced).to_be_visible()


# looks


def test_the_theme_of_the_chat_is_that_of_the_admin_and_the_other_way_round(root: ChatPage) -> None:
    page = root.page
    page.emulate_media(color_scheme="light")
    root.open("/")
    light = page.evaluate(BACKGROUND)
    page.get_by_label("Dark").check(force=True)
    dark = page.evaluate(BACKGROUND)
    assert dark != light
    for path in ("/admin/", LIST, "/admin/auth/user/add/"):
        root.open(path)
        assert page.evaluate(BACKGROUND) == dark
    page.get_by_role("button", name="root").click()
    page.get_by_label("Light").check(force=True)
    assert page.evaluate(BACKGROUND) == light
    root.open("/")
    assert page.evaluate(BACKGROUND) == light
    page.get_by_label("System").check(force=True)
    page.emulate_media(color_scheme="dark")
    root.open(LIST)

    assert page.evaluate(BACKGROUND) == dark


def test_the_page_of_a_review_has_no_violation(with_pictures: ChatPage) -> None:
    expect_accessible(open_in_admin(with_pictures), "a review")


@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        f"{LIST}?owner=eve",
        f"{LIST}?q=elephants",
        "/admin/auth/user/",
        "/admin/auth/user/1/password/",
        "/admin/auth/user/1/delete/",
        "/admin/auth/user/1/history/",
        "/admin/auth/user/add/",
        "/admin/vision_chat/habit/",
        "/admin/vision_chat/habit/add/",
        "/admin/password_change/",
    ],
)
def test_a_page_of_the_admin_has_no_violation(root: ChatPage, path: str) -> None:
    root.open(path)
    expect_accessible(root.page, path)


@pytest.mark.parametrize("path", ["/admin/auth/user/1/change/", "/admin/auth/group/add/"])
def test_where_a_form_has_djangos_two_lists_it_has_their_violation_and_no_other(
    root: ChatPage, path: str
) -> None:
    root.open(path)
    expect(root.page.locator(".selector-filter").first).to_be_visible()

    found = violations(root.page)
    assert found
    assert all(rule == "aria-prohibited-attr" and "search-label-icon" in str(at) for rule, at, _ in found)


def test_the_head_of_a_review_stands_on_one_edge(root: ChatPage) -> None:
    page = open_first(root)
    parts = (".crumbs a", "h1", ".steps > :first-child", "main .facts dt")
    left = "(part) => part.getBoundingClientRect().left"

    assert len({page.locator(part).first.evaluate(left) for part in parts}) == 1


def test_no_filter_is_cut_off(root: ChatPage) -> None:
    root.page.set_viewport_size({"width": 1440, "height": 900})
    root.open("/admin/vision_chat/habit/")
    lists = root.page.locator("#changelist-filter ul")

    assert lists.count() > 1
    assert all(one.evaluate("(list) => list.scrollHeight <= list.clientHeight") for one in lists.all())


def test_what_helps_with_a_field_stands_below_the_field(root: ChatPage) -> None:
    root.open("/admin/auth/user/add/")
    field, help_text = root.page.get_by_label("Username"), root.page.locator("#id_username_helptext")
    left = "(part) => part.getBoundingClientRect().left"

    assert abs(field.evaluate(left) - help_text.evaluate(left)) <= 1


def test_the_list_fits_on_a_laptop_with_the_longest_words(root: ChatPage) -> None:
    root.page.set_viewport_size({"width": 1280, "height": 800})
    root.open(f"{LIST}?owner=eve")

    assert root.page.evaluate(OVERFLOW) == 0
    assert root.page.locator(".results").evaluate("(box) => box.scrollWidth - box.clientWidth") == 0
    expect(root.page.get_by_role("columnheader", name="Cost")).to_be_in_viewport()


@pytest.mark.parametrize("width", [320, 390, 768])
def test_on_small_screens_nothing_lies_beside_the_page(root: ChatPage, width: int) -> None:
    root.page.set_viewport_size({"width": width, "height": 800})
    page = open_first(root)
    assert page.evaluate(OVERFLOW) == 0
    for path in (
        "/admin/",
        f"{LIST}?owner=eve",
        "/admin/auth/user/1/change/",
        "/admin/vision_chat/habit/add/",
    ):
        root.open(path)
        assert page.evaluate(OVERFLOW) == 0, path
        assert page.evaluate(CUT_OFF) == [], path


def test_on_a_phone_the_filters_are_a_sheet_and_the_review_is_one_tap_away(root: ChatPage) -> None:
    page = root.page
    page.set_viewport_size({"width": 390, "height": 700})
    root.open(f"{LIST}?owner=eve")
    filters = page.get_by_role("navigation", name="Filters")
    expect(filters).to_be_hidden()
    page.get_by_role("button", name="Filters").click()
    filters.get_by_role("link", name="Not reviewed").click()
    expect(page).to_have_url(re.compile("verdict=none"))
    page.locator("#result_list tbody th a").first.click()
    save = page.get_by_role("button", name="Save review")
    page.get_by_role("link", name="Review", exact=True).click()

    expect(page.get_by_text("Your review")).to_be_in_viewport()
    expect(save).to_be_visible()


def test_with_forced_colours_the_chosen_verdict_is_outlined(root: ChatPage) -> None:
    root.page.emulate_media(forced_colors="active")
    page = open_first(root)
    chosen = page.locator(".verdict-choice", has_text="Harmful")
    expect(chosen).to_have_css("outline-style", "none")
    page.keyboard.press("3")

    expect(chosen).to_have_css("outline-style", "solid")


def test_who_wants_less_motion_sees_none(root: ChatPage) -> None:
    root.page.emulate_media(reduced_motion="reduce")
    root.open("/admin/")
    tile = root.page.locator(".tallies a").first

    assert tile.evaluate("(tile) => getComputedStyle(tile).transitionDuration") == "0.001s"


def test_the_tab_key_alone_leads_from_the_top_to_a_saved_review(root: ChatPage) -> None:
    page = open_first(root)
    number = number_of(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "verdict":
            break
    page.keyboard.press("Space")
    expect(page.get_by_role("radio", name="Good")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("By Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_text("was saved.")).to_be_visible()
    root.open(f"{LIST}?owner=eve&verdict=good")
    expect(page.locator("#result_list tbody")).to_contain_text(f"{LONG} {number}")
