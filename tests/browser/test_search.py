"""Searching one's conversations: the dialog, its results and its filters."""

from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.support import sample_images
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage, file
from tests.support.browser.search import (
    SEARCHES,
    HeldSearches,
    SearchDialog,
    answer_searches,
    rare_word,
    results_html,
    tell,
)

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]
LONG_WORD = "unbreakable" * 20
RIGHT_TO_LEFT = "שלט ברחוב בתל אביב"
SET_ODD_WORDS = """(box, word) => {
  box.value = `${word}\\0\\ud800`;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}"""
SIDEWAYS = "(element) => element.scrollWidth - element.clientWidth"


@pytest.fixture
def word() -> str:
    return rare_word()


@pytest.fixture
def search(chat: ChatPage) -> SearchDialog:
    return SearchDialog(chat)


@pytest.fixture
def told(chat: ChatPage, word: str) -> ChatPage:
    return tell(chat, word)


def test_what_was_said_is_found_as_one_types_with_the_words_marked(
    told: ChatPage, search: SearchDialog, word: str
) -> None:
    told.open()
    search.open().box.press_sequentially(word[:7])
    expect(search.results).to_have_count(1)
    expect(search.results).to_contain_text("You")
    expect(search.results.locator("mark").first).to_have_text(word, ignore_case=True)
    search.results.click()

    told.expect_said(f"Where is the {word} here?", "And what else?")


def test_the_button_names_its_keys_which_work_while_one_writes(chat: ChatPage, search: SearchDialog) -> None:
    expect(search.button).to_have_attribute("aria-keyshortcuts", "Control+Shift+F /")
    chat.box.focus()
    chat.page.keyboard.press("Control+Shift+F")
    expect(search.box).to_be_focused()


def test_a_slash_opens_the_search_except_in_a_text(chat: ChatPage, search: SearchDialog) -> None:
    chat.box.focus()
    chat.page.keyboard.type("either/or")
    expect(chat.box).to_have_value("either/or")
    expect(search.dialog).to_be_hidden()
    search.button.focus()
    chat.page.keyboard.press("/")

    expect(search.box).to_be_focused()
    expect(search.box).to_have_value("")


def test_escape_closes_and_gives_the_focus_back_without_stopping_the_answer(
    chat: ChatPage, search: SearchDialog
) -> None:
    chat.ask("[scenario: hang_midway]")
    chat.expect_running()
    chat.box.focus()
    for words in ("", "anything"):
        chat.page.keyboard.press("Control+Shift+F")
        expect(search.box).to_be_focused()
        chat.page.keyboard.type(words)
        chat.page.keyboard.press("Escape")
        expect(search.dialog).to_be_hidden()
        expect(chat.box).to_be_focused()

    chat.expect_running()
    chat.page.keyboard.press("Escape")
    chat.expect_reply(status="stopped")


def test_a_click_beside_the_dialog_or_on_close_closes_it(chat: ChatPage, search: SearchDialog) -> None:
    search.open()
    chat.page.mouse.click(5, 5)
    expect(search.dialog).to_be_hidden()
    search.open().dialog.get_by_role("button", name="Close").click()

    expect(search.dialog).to_be_hidden()
    expect(search.button).to_be_focused()


def test_words_marked_with_the_mouse_do_not_close_it(chat: ChatPage, search: SearchDialog) -> None:
    search.open().box.fill("a long word")
    search.box.hover()
    chat.page.mouse.down()
    chat.page.mouse.move(5, 5)
    chat.page.mouse.up()
    chat.page.keyboard.press("ArrowDown")

    expect(search.dialog).to_be_visible()


def test_letters_that_no_text_holds_are_left_out(told: ChatPage, search: SearchDialog, word: str) -> None:
    search.open().box.evaluate(SET_ODD_WORDS, word)

    expect(search.results).to_have_count(1)


def test_arrow_keys_go_through_the_results_and_letters_go_to_the_box(
    chat: ChatPage, search: SearchDialog
) -> None:
    answer_searches(chat.page, results_html("First", "Second", "Third"))
    expect(search.open().find("any")).to_have_count(3)
    keys = chat.page.keyboard
    keys.press("ArrowUp")
    expect(search.box).to_be_focused()
    for key, shown in (("ArrowDown", 0), ("ArrowDown", 1), ("End", 2), ("ArrowDown", 2), ("Home", 0)):
        keys.press(key)
        expect(search.results.nth(shown)).to_be_focused()
    keys.press("ArrowUp")
    expect(search.box).to_be_focused()
    keys.press("ArrowDown")
    keys.type("thing")

    expect(search.box).to_be_focused()
    expect(search.box).to_have_value("anything")


def test_enter_opens_the_first_result_once_it_answers_to_the_words(
    told: ChatPage, search: SearchDialog, word: str
) -> None:
    told.open()
    search.open().box.fill(word)
    told.page.keyboard.press("Enter")  # asks at once, and opens nothing that was found for other words
    expect(search.results).to_have_count(1)
    told.page.keyboard.press("Enter")

    expect(told.page.locator("article").first).to_be_focused()
    told.expect_said(f"Where is the {word} here?", "And what else?")


def test_enter_opens_the_result_that_has_the_focus(told: ChatPage, search: SearchDialog, word: str) -> None:
    told.open()
    expect(search.open().find(word)).to_have_count(1)
    told.page.keyboard.press("ArrowDown")
    told.page.keyboard.press("Enter")

    expect(told.page.locator("article").first).to_be_focused()


def test_an_old_answer_never_takes_the_place_of_a_newer_one(chat: ChatPage, search: SearchDialog) -> None:
    held = HeldSearches(chat.page)
    search.open().box.fill("slow")
    held.answer("slow", results_html("For slow"))
    expect(search.results).to_have_text(["For slowTitletoday"])
    search.box.fill("slower")
    held.wait_for("slower")
    search.box.fill("slowest")
    held.answer("slowest", results_html("For slowest"))
    expect(search.results).to_have_text(["For slowestTitletoday"])
    held.answer("slower", results_html("For slower"))  # the page has given it up
    search.box.fill("slower still")
    held.answer("slower+still", results_html("For slower still"))

    expect(search.results).to_have_text(["For slower stillTitletoday"])


def test_the_focus_stays_in_the_results_when_newer_ones_come(chat: ChatPage, search: SearchDialog) -> None:
    held = HeldSearches(chat.page)
    search.open().box.fill("slow")
    held.answer("slow", results_html("For slow"))
    expect(search.results).to_have_count(1)
    search.box.fill("slower")
    held.wait_for("slower")
    chat.page.keyboard.press("ArrowDown")
    held.answer("slower", results_html("For slower", "Another"))
    expect(search.results).to_have_count(2)
    expect(search.results.first).to_be_focused()
    search.box.fill("slowest")
    held.wait_for("slowest")
    chat.page.keyboard.press("ArrowDown")
    held.answer("slowest", results_html())

    expect(search.box).to_be_focused()


def test_a_search_that_cannot_reach_the_server_says_so_and_is_tried_again(
    told: ChatPage, search: SearchDialog, word: str
) -> None:
    told.troubles.expect("net::ERR_FAILED")
    told.page.route(SEARCHES, lambda route: route.abort(), times=1)
    search.open().box.fill(word)
    expect(search.dialog.get_by_role("alert")).to_contain_text("Check your connection")
    expect_accessible(told.page, "a search that failed")
    search.dialog.get_by_role("button", name="Try again").click()

    expect(search.results).to_have_count(1)
    expect(search.box).to_be_focused()
    expect(search.dialog.get_by_role("alert")).to_be_hidden()


def test_whoever_was_signed_out_is_led_to_the_sign_in(open_chat: OpenChat) -> None:
    chat = open_chat("")
    chat.sign_in("ben")
    search = SearchDialog(chat).open()
    chat.page.context.clear_cookies(name="sessionid")
    search.box.fill("anything")
    expect(search.dialog.get_by_role("alert")).to_contain_text("You are signed out")
    search.dialog.get_by_role("link", name="Sign in").click()

    expect(chat.page.get_by_label("Password")).to_be_visible()


def test_dialogs_that_did_not_come_are_fetched_again(chat: ChatPage, search: SearchDialog) -> None:
    chat.troubles.expect("net::ERR_FAILED", "dialogs did not come")
    for part in ("**/dialogs/", "**/dialogs*.css"):
        chat.page.route(part, lambda route: route.abort(), times=1)
        search.button.click()
        expect(chat.note).to_contain_text("This could not be loaded.")
        chat.write("Another try")  # which takes the sentence away
        expect(chat.note).to_be_empty()

    search.open()


def test_nothing_found_is_said_and_filters_can_be_taken_away(
    told: ChatPage, search: SearchDialog, word: str
) -> None:
    search.open().box.fill(f"{word}no")
    expect(search.dialog.get_by_text("No results for")).to_be_visible()
    widen = search.dialog.get_by_role("button", name="Search without filters")
    expect(widen).to_be_hidden()
    search.box.fill(word)
    expect(search.results).to_have_count(1)
    search.dialog.get_by_role("checkbox", name="With pictures").check()
    expect(search.dialog.get_by_text("No results for")).to_be_visible()
    widen.click()

    expect(search.results).to_have_count(1)
    expect(search.dialog.get_by_role("checkbox", name="With pictures")).not_to_be_checked()


def test_only_messages_with_pictures_are_found_where_one_asks_for_them(
    chat: ChatPage, search: SearchDialog, word: str
) -> None:
    chat.ask(f"{word} without")
    chat.expect_reply()
    chat.attach(file("chart.jpg", sample_images.encoded(sample_images.chart(), "JPEG")))
    chat.expect_uploads("ready")
    chat.ask(f"{word} with")
    chat.expect_reply()
    expect(search.open().find(word)).to_have_count(2)
    search.dialog.get_by_role("checkbox", name="With pictures").check()

    expect(search.results).to_have_count(1)
    expect(search.results).to_contain_text("with")


@pytest.mark.parametrize(("label", "days"), [("Past week", 7), ("Past month", 30), ("Past year", 365)])
def test_a_date_filter_asks_for_what_was_said_since_then(
    chat: ChatPage, search: SearchDialog, label: str, days: int
) -> None:
    answer_searches(chat.page, results_html("First"))
    expect(search.open().find("any")).to_have_count(1)
    with chat.page.expect_request(SEARCHES) as asked:
        search.dialog.get_by_role("combobox", name="Date").select_option(label)

    today = date.fromisoformat(chat.page.evaluate("new Date().toLocaleDateString('sv')"))
    query = parse_qs(urlsplit(asked.value.url).query)
    assert query == {"q": ["any"], "since": [str(today - timedelta(days=days))]}


def test_the_invitation_comes_back_when_the_box_is_emptied(chat: ChatPage, search: SearchDialog) -> None:
    answer_searches(chat.page, results_html("First"))
    invitation = search.open().dialog.get_by_text("Search your messages")
    expect(invitation).to_be_visible()
    expect(search.find("any")).to_have_count(1)
    expect(invitation).to_be_hidden()
    search.box.fill("  ")

    expect(invitation).to_be_visible()
    expect(search.results).to_have_count(0)


def test_two_hundred_results_are_cut_and_fit_into_a_narrow_screen(open_chat: OpenChat) -> None:
    chat = open_chat(viewport={"width": 320, "height": 568})
    search = SearchDialog(chat)
    answer_searches(chat.page, results_html(LONG_WORD, RIGHT_TO_LEFT, *map(str, range(198))))
    expect(search.open().find("any")).to_have_count(200)

    expect(search.dialog.get_by_text("Only the latest 200 results are shown.")).to_be_attached()
    assert search.dialog.locator(".tool-body").evaluate(SIDEWAYS) == 0
    assert chat.page.locator("html").evaluate(SIDEWAYS) == 0


def test_a_screen_reader_hears_how_many_results_there_are(chat: ChatPage, search: SearchDialog) -> None:
    answer_searches(chat.page, results_html("First", "Second"))
    search.open().find("any")

    expect(search.dialog.get_by_role("status")).to_have_text("2 results.")


def test_the_search_has_no_violation_of_accessibility(chat: ChatPage, search: SearchDialog) -> None:
    search.open()
    expect_accessible(chat.page, "an empty search")
    answer_searches(chat.page, results_html("First <mark>marked</mark>", RIGHT_TO_LEFT))
    expect(search.find("any")).to_have_count(2)
    expect_accessible(chat.page, "results")


def test_the_folded_sidebar_leaves_a_button(chat: ChatPage, search: SearchDialog) -> None:
    chat.page.get_by_role("button", name="Hide the sidebar").click()
    search.open()
    chat.page.keyboard.press("Escape")
    expect(search.button).to_be_focused()
    chat.page.get_by_role("button", name="Show the sidebar").click()
    expect(search.button).to_have_count(1)


def test_on_a_phone_the_focus_comes_back_from_a_search_in_the_drawer(open_chat: OpenChat) -> None:
    chat = open_chat(viewport={"width": 390, "height": 740})
    search = SearchDialog(chat)
    chat.page.get_by_role("button", name="Conversations").click()
    sidebar = chat.page.get_by_role("complementary", name="Sidebar")
    sidebar.get_by_role("button", name="Search", exact=True).click()
    expect(search.box).to_be_focused()
    expect(sidebar).to_be_hidden()
    chat.page.keyboard.press("Escape")

    expect(search.button).to_be_focused()


def test_the_words_stay_from_one_result_to_the_next(told: ChatPage, search: SearchDialog, word: str) -> None:
    told.open()
    search.open().find(word)
    expect(search.results).to_have_count(1)
    search.dialog.get_by_label("Date").select_option("30")
    told.page.keyboard.press("Escape")
    search.open()
    expect(search.box).to_have_value(word)
    expect(search.results).to_have_count(1)
    search.results.first.click()
    told.expect_said(f"Where is the {word} here?", "And what else?")

    search.open()
    expect(search.box).to_have_value(word)
    expect(search.dialog.get_by_label("Date")).to_have_value("30")
    expect(search.results).to_have_count(1)
    told.page.keyboard.type("other")  # the words are marked: what is typed takes their place
    expect(search.box).to_have_value("other")
