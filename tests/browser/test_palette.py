"""The palette: conversations and commands by a few letters."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.support import fake_scenarios as scenarios
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage
from tests.support.browser.search import SEARCHES, SearchDialog, answer_searches, rare_word, results_html

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]


class Palette:
    """The palette of a tab."""

    def __init__(self, chat: ChatPage) -> None:
        self.page = chat.page
        self.dialog = chat.page.get_by_role("dialog", name="Commands")
        self.box = self.dialog.get_by_role("combobox")
        self.options = self.dialog.get_by_role("option")
        self.active = self.dialog.locator("[role=option][aria-selected=true]")

    def open(self) -> "Palette":
        self.page.keyboard.press("Control+K")
        expect(self.box).to_be_focused()
        return self

    def option(self, name: str) -> Locator:
        return self.dialog.get_by_role("option", name=name, exact=True)

    def choose(self, words: str, name: str) -> None:
        """Type these words, go down to what they find, and press Enter."""
        self.box.fill(words)
        expect(self.option(name)).to_be_visible()
        for _ in range(self.options.count()):
            if name in (self.active.text_content() or ""):
                break
            self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Enter")


@pytest.fixture
def word() -> str:
    return rare_word()


@pytest.fixture
def palette(chat: ChatPage) -> Palette:
    return Palette(chat)


@pytest.mark.parametrize("keys", ["Control+K", "Meta+K"])
def test_keys_open_and_close_it_also_while_one_writes(chat: ChatPage, palette: Palette, keys: str) -> None:
    chat.box.focus()
    for _ in range(2):
        chat.page.keyboard.press(keys)
        expect(palette.box).to_be_focused()
        chat.page.keyboard.press(keys)
        expect(palette.dialog).to_be_hidden()
        expect(chat.box).to_be_focused()


def test_escape_closes_it_without_stopping_the_answer(chat: ChatPage, palette: Palette) -> None:
    chat.ask("[scenario: hang_midway]")
    chat.expect_running()
    palette.open()
    chat.page.keyboard.press("Escape")

    expect(palette.dialog).to_be_hidden()
    chat.expect_running()


def test_arrows_move_the_active_option_round_while_the_focus_stays(chat: ChatPage, palette: Palette) -> None:
    palette.open().box.fill("theme")
    expect(palette.options).to_have_count(4)
    for key, name in (
        ("ArrowDown", "Theme: light"),
        ("ArrowUp", "Theme: system"),
        ("ArrowUp", "Search for “theme”"),
        ("ArrowDown", "Theme: system"),
    ):
        chat.page.keyboard.press(key)
        expect(palette.active).to_have_text(name)
        expect(palette.box).to_have_attribute(
            "aria-activedescendant", palette.active.get_attribute("id") or "none"
        )
    expect(palette.box).to_be_focused()


def test_a_conversation_of_the_list_is_opened_by_its_title(
    chat: ChatPage, palette: Palette, word: str
) -> None:
    chat.ask(f"{word} at dusk")
    chat.expect_reply()
    chat.open()
    palette.open().box.fill(f"DUSK {word[:6]}")
    expect(palette.active).to_have_text(f"{word} at dusk")
    chat.page.keyboard.press("Enter")

    chat.expect_said(f"{word} at dusk")


def test_the_latest_conversations_are_offered_before_one_types(
    chat: ChatPage, palette: Palette, word: str
) -> None:
    chat.ask(word)
    chat.expect_reply()
    palette.open()
    expect(palette.option(word)).to_have_count(0)  # it is the one that is shown
    chat.page.keyboard.press("Escape")
    chat.open()
    palette.open()

    expect(palette.active).to_have_text(word)


def test_what_was_said_is_found_by_the_search_of_the_server(
    chat: ChatPage, palette: Palette, word: str
) -> None:
    chat.ask("Once upon a time")
    chat.expect_reply()
    chat.ask(f"There was {word}")
    chat.expect_reply()
    chat.open()
    palette.open().box.fill(word)
    hit = palette.options.filter(has_text=f"There was {word}")
    expect(hit).to_have_count(1)
    expect(palette.active).to_have_text(f"Search for “{word}”")
    chat.page.keyboard.press("ArrowDown")
    chat.page.keyboard.press("Enter")

    expect(chat.page.locator("article", has_text=f"There was {word}")).to_be_focused()


def test_what_is_on_this_page_is_shown_without_loading_it_again(
    chat: ChatPage, palette: Palette, word: str
) -> None:
    chat.ask(f"There was {word}")
    chat.expect_reply()
    chat.page.evaluate("window.isSame = true")
    palette.open().box.fill(word)
    hit = palette.dialog.locator("[data-result]")
    expect(hit).to_have_count(1)
    hit.click()
    expect(chat.page.locator("article").first).to_be_focused()

    assert chat.page.evaluate("window.isSame")


def test_the_whole_search_takes_the_words_over(chat: ChatPage, palette: Palette, word: str) -> None:
    search = SearchDialog(chat)
    answer_searches(chat.page, results_html("First"))
    palette.open().box.fill(word)
    palette.option(f"Search for “{word}”").click()

    expect(search.box).to_have_value(word)
    expect(search.results).to_have_count(1)
    expect(palette.dialog).to_be_hidden()
    chat.page.keyboard.press("Escape")
    expect(chat.box).to_be_focused()


def test_a_search_that_fails_leaves_commands_and_titles(chat: ChatPage, palette: Palette) -> None:
    chat.troubles.expect("net::ERR_FAILED")
    chat.page.route(SEARCHES, lambda route: route.abort())
    palette.open()
    with chat.page.expect_event("requestfailed"):
        palette.box.fill("dark")
    palette.choose("dark", "Theme: dark")

    expect(chat.page.locator("html")).to_have_attribute("data-theme", "dark")


def test_only_commands_that_are_possible_now_are_listed(chat: ChatPage, palette: Palette) -> None:
    palette.open()
    for name in ("New chat", "Search", "Keyboard shortcuts", "Attach pictures", "Show or hide the sidebar"):
        expect(palette.dialog.get_by_role("option", name=re.compile(f"^{name}"))).to_be_visible()
    for name in (
        "Stop the answer",
        "Regenerate",
        "Copy the last answer",
        "Rename this conversation",
        "Commands",
    ):
        expect(palette.dialog.get_by_role("option", name=re.compile(f"^{name}"))).to_have_count(0)
    chat.page.keyboard.press("Escape")
    chat.ask("[scenario: hang_midway]")
    chat.expect_running()
    palette.open()
    palette.choose("stop", "Stop the answer Esc")

    chat.expect_reply(status="stopped")
    palette.open()
    expect(palette.option("Copy the last answer")).to_be_visible()


def test_a_command_shows_its_keys(chat: ChatPage, palette: Palette) -> None:
    palette.open().box.fill("new chat")
    expect(palette.active.locator("kbd kbd")).to_have_text(["Ctrl", "Shift", "O"])


def test_a_command_of_a_button_acts_on_the_last_one_shown(chat: ChatPage, palette: Palette) -> None:
    chat.site.fake.script(*(scenarios.say(f"Answer {number}.") for number in (1, 2, 3)))
    for text in ("First", "Second"):
        chat.ask(text)
        chat.expect_reply()
    palette.open().choose("regen", "Regenerate")

    expect(chat.answers).to_have_text([re.compile("Answer 1"), re.compile("Answer 3")])
    expect(palette.dialog).to_be_hidden()


def test_the_sidebar_is_folded_and_unfolded(chat: ChatPage, palette: Palette) -> None:
    sidebar = chat.page.get_by_role("complementary", name="Sidebar")
    palette.open().choose("sidebar", "Show or hide the sidebar")
    expect(sidebar).to_be_hidden()
    palette.open().choose("sidebar", "Show or hide the sidebar")
    expect(sidebar).to_be_visible()


@pytest.mark.parametrize("look", ["wide", "folded", "narrow"])
def test_the_shown_conversation_is_renamed_where_its_title_stands(
    open_chat: OpenChat, word: str, look: str
) -> None:
    chat = open_chat(viewport={"width": 390 if look == "narrow" else 1280, "height": 740})
    chat.ask(word)
    chat.expect_reply()
    if look == "folded":
        chat.page.get_by_role("button", name="Hide the sidebar").click()
    Palette(chat).open().choose("rename", "Rename this conversation")
    expect(chat.page.get_by_label("New title")).to_be_focused()
    chat.page.keyboard.type("Another name")
    chat.page.keyboard.press("Enter")

    expect(chat.page.locator("[data-title]")).to_have_text("Another name")


def test_the_shown_conversation_is_deleted_and_comes_back(
    chat: ChatPage, palette: Palette, word: str
) -> None:
    chat.ask(word)
    chat.expect_reply()
    palette.open().choose("delete", "Delete this conversation")
    expect(chat.page).to_have_url(f"{chat.site.url}/")
    chat.toast.get_by_role("button", name="Undo").click()

    chat.expect_said(word)


def test_the_account_page_is_a_choice(chat: ChatPage, palette: Palette) -> None:
    palette.open().choose("account", "Account")
    expect(chat.page).to_have_url(f"{chat.site.url}/account/")


def test_administration_is_a_choice_for_those_who_may(open_chat: OpenChat, palette: Palette) -> None:
    palette.open().box.fill("administration")
    expect(palette.options).to_have_count(1)  # the search for it
    reviewer = Palette(open_chat("root"))
    reviewer.open().choose("administration", "Review and administration")

    expect(reviewer.page).to_have_url(re.compile("/admin/$"))


def test_signing_out_is_a_choice(open_chat: OpenChat) -> None:
    chat = open_chat("")
    chat.sign_in("ben")  # a session which no other test needs
    chat.open()
    Palette(chat).open().choose("sign", "Sign out")

    expect(chat.page.get_by_role("heading", name="Sign in")).to_be_visible()
    chat.open()
    expect(chat.page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_pointer_chooses_too(chat: ChatPage, palette: Palette) -> None:
    palette.open().option("Theme: light").hover()
    expect(palette.active).to_have_text("Theme: light")
    palette.option("Theme: light").click()

    expect(palette.dialog).to_be_hidden()
    expect(chat.page.locator("html")).to_have_attribute("data-theme", "light")


def test_it_takes_the_place_of_an_open_search(chat: ChatPage, palette: Palette) -> None:
    chat.box.focus()
    chat.page.keyboard.press("Control+Shift+F")
    expect(SearchDialog(chat).box).to_be_focused()
    palette.open()
    expect(SearchDialog(chat).dialog).to_be_hidden()
    chat.page.keyboard.press("Escape")

    expect(chat.box).to_be_focused()


def test_the_palette_has_no_violation_of_accessibility(chat: ChatPage, palette: Palette, word: str) -> None:
    answer_searches(chat.page, results_html("First <mark>marked</mark>"))
    palette.open()
    expect_accessible(chat.page, "the palette")
    palette.box.fill(word)
    expect(palette.options.filter(has_text="marked")).to_be_visible()
    expect_accessible(chat.page, "what the palette has found")
