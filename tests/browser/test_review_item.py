"""The page of an item: worked by keyboard, losing nothing that was typed, on every screen."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import APIResponse, Locator, Page, Request, Route, expect

from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage
from tests.support.browser.site import Site
from tests.support.browser.site_rows import PASSWORD

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]
REFUSED = r"Failed to load resource: the server responded with a status of (400|403|409|410)"
CUT = r"Failed to load resource: net::ERR_"
NEW_TOKENS = """
import uuid
from vision_chat.models import Assignment
for row in Assignment.objects.filter(reviewer__username={name!r}, state="active"):
    row.token = uuid.uuid4()
    row.save()
"""
AFRESH = """
from vision_chat.models import Annotation, Assignment, Correction, Message, Preferences, Review, ReviewItem
for rows in (Annotation, Correction, Review, Assignment):
    rows.objects.all().delete()
for item in ReviewItem.objects.exclude(conversation=None):
    item.conversation.leaf_id = item.through_message_id
    item.conversation.save()
    Message.objects.filter(conversation=item.conversation, pk__gt=item.through_message_id).delete()
ReviewItem.objects.update(state="waiting", closed_for="", is_flagged=False)
Preferences.objects.update(review_pictures="shown")
"""
CLOSE = """
from vision_chat.models import ReviewItem
from vision_chat.services.review_queues import items
items.close(ReviewItem.objects.get(pk={item}))
"""


@pytest.fixture(scope="module")
def queue(site: Site) -> int:
    pk, _ = site.rows.create_queue("Stairs", "dora", 4, "rita", reviewers_per_item=2)
    return pk


@pytest.fixture
def rita(open_chat: OpenChat, site: Site, queue: int) -> ChatPage:
    """A reviewer with an item in her hands, as if it were the first one."""
    site.rows.run(AFRESH)
    return at_next(open_chat("rita"), queue)


def at_next(chat: ChatPage, queue: int) -> ChatPage:
    chat.open(f"/admin/vision_chat/reviewitem/work/{queue}/next/")
    expect(chat.page.locator("review-item:defined")).to_be_visible()
    return chat


def note(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Note", exact=True)


def state(page: Page) -> Locator:
    return page.locator("[data-draft-state]")


def item_of(page: Page) -> str:
    return page.locator("[data-review-item]").get_attribute("data-review-item") or ""


def expect_another(page: Page, item: str) -> str:
    """Expect the page of another item than this one. Returns which it is."""
    expect(page.locator(f"[data-review-item]:not([data-review-item='{item}'])")).to_be_visible()
    expect(page.get_by_role("radio", name="Good")).not_to_be_checked()
    return item_of(page)


def test_three_items_are_done_skipped_and_gone_back_to_by_keyboard(rita: ChatPage) -> None:
    rita.troubles.expect(REFUSED)
    page, keys = rita.page, rita.page.keyboard
    first = item_of(page)
    keys.press("2")
    expect(page.get_by_role("radio", name="Flawed")).to_be_checked()
    keys.press("Control+Enter")
    expect(page.get_by_role("radio", name="Yes")).to_be_focused()
    expect(page.get_by_role("alert").filter(has_text="Did it read the picture?")).to_be_visible()
    keys.press("ArrowRight")
    why = page.get_by_role("checkbox", name="Missed something")
    expect(why).to_be_visible()
    keys.press("Tab")
    keys.press("Space")
    expect(why).to_be_checked()
    keys.press("n")
    keys.type("1 of the 3 steps is missing")
    expect(page.get_by_role("radio", name="Flawed")).to_be_checked()
    expect(state(page)).to_have_text("Saved")
    keys.press("Control+Enter")

    second = expect_another(page, first)
    keys.press("1")
    keys.press("Tab")
    keys.press("Space")
    keys.press("Control+Enter")

    third = expect_another(page, second)
    keys.press("s")
    keys.type("I know this person")
    keys.press("Enter")
    expect_another(page, third)

    keys.press("k")
    expect(page.get_by_role("heading", name="Your verdict")).to_be_visible()
    assert item_of(page) == second
    keys.press("k")
    expect(page.get_by_text("1 of the 3 steps is missing")).to_be_visible()
    assert item_of(page) == first
    keys.press("j")
    expect(page.locator(f"[data-review-item='{second}']")).to_be_visible()
    keys.press("j")
    expect(page.get_by_role("button", name="Done and next")).to_be_visible()
    expect(page.locator("[data-progress]")).to_contain_text("You: 2 done")


def test_a_draft_outlives_a_reload_a_cut_connection_and_a_killed_server(rita: ChatPage, site: Site) -> None:
    rita.troubles.expect(CUT)
    page = rita.page
    note(page).fill("One")
    page.get_by_role("radio", name="Harmful").check(force=True)
    page.reload()  # before it was sent
    expect(note(page)).to_have_value("One")
    expect(page.get_by_role("radio", name="Harmful")).to_be_checked()
    expect(state(page)).to_have_text("Saved")

    rita.go_offline()
    note(page).fill("One, two")
    expect(state(page)).to_contain_text("Not saved yet: no connection")
    rita.go_online()
    expect(state(page)).to_have_text("Saved")

    site.kill()
    note(page).fill("One, two, three")
    expect(state(page)).to_contain_text("Not saved yet: no connection")
    site.start()
    expect(state(page)).to_have_text("Saved")
    page.evaluate("localStorage.clear()")
    page.reload()

    expect(note(page)).to_have_value("One, two, three")


def test_a_draft_that_is_saved_while_the_page_is_left_is_on_the_next_page(rita: ChatPage) -> None:
    page = rita.page

    held: list[tuple[Route, APIResponse]] = []
    saved: list[Request] = []

    def let_go() -> None:
        if held and saved:
            route, made_before = held.pop()
            route.fulfill(response=made_before)

    def hold(route: Route) -> None:
        held.append((route, route.fetch()))
        let_go()

    def finished(request: Request) -> None:
        if request.method == "POST":
            saved.append(request)
            let_go()

    page.on("requestfinished", finished)
    page.route(page.url, hold)
    note(page).fill("Typed at the last moment")
    page.reload()

    expect(note(page)).to_have_value("Typed at the last moment")
    expect(state(page)).to_have_text("Saved")


def test_a_draft_outlives_the_end_of_a_session(rita: ChatPage) -> None:
    rita.troubles.expect(REFUSED)
    page = rita.page
    item = item_of(page)
    page.context.clear_cookies()
    note(page).fill("Typed after the end")
    expect(state(page)).to_contain_text("You are signed out. Your text is kept here.")
    page.get_by_role("button", name="Done and next").click()
    expect(state(page)).to_contain_text("You are signed out.")
    rita.follow(state(page).get_by_role("link", name="Sign in"))
    page.get_by_label("Username").fill("rita")
    page.get_by_label("Password").fill(PASSWORD)
    rita.follow(page.get_by_role("button", name="Sign in"))

    assert item_of(page) == item
    expect(note(page)).to_have_value("Typed after the end")
    expect(state(page)).to_have_text("Saved")


def test_a_lease_that_is_lost_is_said_and_the_text_comes_along(rita: ChatPage, site: Site) -> None:
    rita.troubles.expect(REFUSED)
    page = rita.page
    site.rows.run(NEW_TOKENS.format(name="rita"))
    note(page).fill("Too late")
    told = page.get_by_role("alert").filter(has_text="This item is no longer yours")
    expect(told.get_by_role("link", name="Next item")).to_be_visible()
    expect(page.get_by_role("button", name="Done and next")).to_be_disabled()
    expect(note(page)).to_have_value("Too late")
    told.get_by_role("button", name="Open it again").click()

    expect(state(page)).to_have_text("Saved")
    expect(note(page)).to_have_value("Too late")


def test_an_item_that_is_closed_in_the_hand_is_told_at_the_top_and_the_text_stays(
    rita: ChatPage, site: Site
) -> None:
    rita.troubles.expect(REFUSED, "status of 404")  # the next item may be one whose picture is gone
    page = rita.page
    site.rows.run(CLOSE.format(item=item_of(page)))
    note(page).fill("In vain")
    told = page.get_by_role("alert").filter(has_text="This item is closed")
    expect(told).to_contain_text("Your text is kept on this page.")
    expect(told).to_be_in_viewport()
    expect(page.get_by_role("button", name="Done and next")).to_be_disabled()
    expect(page.get_by_role("button", name="Open it again")).to_have_count(0)
    expect(note(page)).to_be_editable()
    expect_accessible(page, "an item that was closed")
    item = item_of(page)
    rita.follow(told.get_by_role("link", name="Next item"))
    expect_another(page, item)


def test_a_verdict_that_was_not_sent_says_when_there_is_a_connection_again(rita: ChatPage) -> None:
    rita.troubles.expect(CUT)
    page, item = rita.page, item_of(rita.page)
    page.get_by_role("radio", name="Good").check(force=True)
    page.get_by_role("radio", name="Yes").check(force=True)
    expect(state(page)).to_have_text("Saved")
    rita.go_offline()
    page.get_by_role("button", name="Done and next").click()
    expect(state(page)).to_contain_text("Not sent: no connection.")
    rita.go_online()
    expect(state(page)).to_have_text("You are connected again. Press the button once more.")
    page.get_by_role("button", name="Done and next").click()
    expect_another(page, item)


def test_two_windows_ask_which_text_stays(rita: ChatPage) -> None:
    page = rita.page
    other = page.context.new_page()
    other.goto(page.url)
    note(page).fill("Of the first window")
    expect(state(page)).to_have_text("Saved")
    note(other).fill("Of the second window")
    expect(state(other)).to_contain_text("This text was changed in another window.")
    state(other).get_by_role("button", name="Keep this text").click()
    expect(state(other)).to_have_text("Saved")
    note(page).fill("Of the first window again")
    expect(state(page)).to_contain_text("This text was changed in another window.")
    state(page).get_by_role("button", name="Show that text").click()

    expect(note(page)).to_have_value("Of the second window")


def test_an_answer_is_labelled_and_corrected_and_a_picture_marked(rita: ChatPage) -> None:
    page, keys = rita.page, rita.page.keyboard
    keys.press("l")
    keys.type("too short,1,")
    labels = page.get_by_role("group", name="Labels").locator("li > span")
    expect(labels).to_have_text(["too short", "1"])
    expect(page.get_by_role("radio", name="Good")).not_to_be_checked()
    page.get_by_role("button", name="Remove the label 1").click()
    keys.press("Escape")
    keys.press("c")
    answer = page.get_by_role("textbox", name="Corrected answer")
    expect(answer).to_be_focused()
    expect(answer).to_have_value("A staircase.")
    assert answer.evaluate("field => field.selectionStart") == 0
    place = answer.bounding_box()
    assert place
    answer.fill("A steep staircase.")
    expect(page.locator("ins")).to_have_text("steep ")
    assert answer.bounding_box() == place  # what appears does not move it
    answer.fill("A steep staircase." + 20 * "\n")
    grown = answer.bounding_box()
    assert grown
    assert grown["height"] > place["height"]
    answer.fill("A steep staircase.")

    page.get_by_role("button", name="Draw boxes").click()
    # before that there is nothing to draw on
    page.locator("box-editor img").evaluate("(picture) => picture.decode()")
    picture = page.get_by_role("group", name="Picture", exact=True)
    picture.press("ArrowRight")
    keys.type("a mistake")
    page.get_by_role("button", name="Add a box").click()
    keys.type("left bar")
    page.get_by_role("button", name="Remove box 1").click()
    expect(page.get_by_role("combobox", name="Label", exact=True)).to_have_value("left bar")
    keys.press("Escape")
    box = page.locator("[data-box-list] li")
    expect(box).to_contain_text("left bar")
    page.locator("[data-image]").click()
    expect(page.locator("image-lightbox [data-outline='1']")).to_be_visible()
    keys.press("Escape")
    page.reload()

    expect(labels).to_have_text(["too short"])
    expect(page.locator("ins")).to_have_text("steep ")
    expect(box).to_contain_text("left bar")
    box.get_by_role("button", name="Remove this box").click()
    expect(box).to_have_count(0)


def test_pictures_are_blurred_until_they_are_wanted(rita: ChatPage) -> None:
    page = rita.page
    choice = page.get_by_label("Pictures")
    choice.select_option("blurred")
    picture = page.locator("[data-image] img")
    expect(picture).to_have_css("filter", re.compile("blur"))
    picture.click()
    expect(picture).not_to_have_css("filter", re.compile("blur"))
    expect(page.locator("image-lightbox dialog")).to_be_hidden()
    picture.click()
    expect(page.locator("image-lightbox dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.reload()
    expect(picture).to_have_css("filter", re.compile("blur"))


def test_what_the_owner_asks_meanwhile_appears(rita: ChatPage, site: Site) -> None:
    page = rita.page
    site.rows.run(
        "from tests.support import factories\n"
        "from vision_chat.models import ReviewItem\n"
        f"item = ReviewItem.objects.get(pk={item_of(page)})\n"
        "factories.turn(item.conversation, answer='Seven steps.')\n"
    )
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(page.get_by_text("Seven steps.")).to_be_visible()
    expect(page.get_by_text("What follows came later.")).to_be_visible()


def test_a_phone_has_the_panel_in_a_sheet(rita: ChatPage) -> None:
    page = rita.page
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.get_by_role("button", name="Done and next")).to_be_hidden()
    opener = page.get_by_role("button", name="Review", exact=True)
    opener.click()
    expect(page.get_by_role("button", name="Done and next")).to_be_in_viewport()
    page.get_by_role("radio", name="Good").press("Space")  # the sheet may still be moving
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Done and next")).to_be_hidden()
    expect(opener).to_be_focused()
    answer = page.get_by_role("button", name="Correct this answer")
    answer.scroll_into_view_if_needed()
    dock, last = opener.bounding_box(), answer.bounding_box()
    assert dock
    assert last
    assert last["y"] + last["height"] < dock["y"]
    page.get_by_role("button", name="Label", exact=True).click()
    page.keyboard.type(60 * "w" + ",")
    expect(page.get_by_role("group", name="Labels").locator("li")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_axe_finds_nothing_on_the_page_of_an_item(rita: ChatPage) -> None:
    page = rita.page
    expect_accessible(page, "an item")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("radio", name="No", exact=True).check(force=True)
    page.keyboard.press("l")
    page.get_by_role("button", name="Correct this answer").click()
    page.get_by_role("button", name="Skip").click()
    expect_accessible(page, "an item with its forms")
