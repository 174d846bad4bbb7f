"""The sheet of shortcuts, and which keys are whose."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage
from tests.support.browser.search import SearchDialog

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]
ON_APPLE = "Object.defineProperty(navigator, 'platform', { get: () => 'MacIntel' })"
REGISTERED = """async () => {
  const script = document.querySelector('link[rel=modulepreload][href*="lib/commands"]').href;
  const { allCommands } = await import(script);
  // every list opens by its arrow keys: nobody looks that up
  return allCommands().filter(({ keys, id }) => keys && id !== "model.unfold");
}"""


@pytest.fixture
def sheet(chat: ChatPage) -> Locator:
    return chat.page.get_by_role("dialog", name="Keyboard shortcuts")


def open_sheet(chat: ChatPage) -> None:
    chat.page.get_by_role("button", name="Search", exact=True).focus()
    chat.page.keyboard.press("?")
    expect(chat.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def test_a_question_mark_opens_it_except_in_a_text(chat: ChatPage, sheet: Locator) -> None:
    chat.box.focus()
    chat.page.keyboard.type("What is this?")
    expect(chat.box).to_have_value("What is this?")
    expect(sheet).to_be_hidden()
    open_sheet(chat)
    chat.page.keyboard.press("Escape")

    expect(sheet).to_be_hidden()
    expect(chat.page.get_by_role("button", name="Search", exact=True)).to_be_focused()


def test_every_command_that_has_keys_stands_in_it_with_its_name(chat: ChatPage, sheet: Locator) -> None:
    open_sheet(chat)
    registered = chat.page.evaluate(REGISTERED)
    rows = sheet.get_by_role("row")
    expect(rows).to_have_count(1 + len(registered))  # and the head
    for row in rows.all():
        expect(row.get_by_role("rowheader").or_(row.get_by_role("columnheader")).first).not_to_be_empty()
    expect(sheet.get_by_role("row", name="Search")).to_contain_text("CtrlShiftF/")
    expect(sheet.get_by_role("row", name="Next picture")).to_contain_text("→")
    expect(sheet.get_by_role("row", name="New line")).to_contain_text("ShiftEnter")


def test_the_keys_that_one_types_with_come_first(chat: ChatPage, sheet: Locator) -> None:
    open_sheet(chat)

    expect(sheet.get_by_role("row").nth(1)).to_contain_text("Send")
    expect(sheet.get_by_role("row").nth(2)).to_contain_text("New line")


def test_the_search_tells_of_palette_and_sheet(chat: ChatPage) -> None:
    search = SearchDialog(chat).open()

    expect(search.dialog).to_contain_text("CtrlK")
    expect(search.dialog).to_contain_text("Keyboard shortcuts")


def test_it_is_opened_from_the_palette_too(chat: ChatPage, sheet: Locator) -> None:
    chat.page.keyboard.press("Control+K")
    chat.page.get_by_role("dialog", name="Commands").get_by_role("combobox").fill("shortcuts")
    chat.page.keyboard.press("Enter")

    expect(sheet).to_be_visible()
    expect(chat.page.get_by_role("dialog", name="Commands")).to_be_hidden()


def test_shortcuts_of_one_sign_can_be_switched_off(chat: ChatPage, sheet: Locator) -> None:
    search = SearchDialog(chat)
    open_sheet(chat)
    sheet.get_by_role("checkbox").uncheck()
    chat.page.keyboard.press("Escape")
    chat.reload()
    search.button.focus()
    chat.page.keyboard.press("?")
    chat.page.keyboard.press("/")
    chat.page.keyboard.press("Control+Shift+F")
    expect(search.box).to_be_focused()
    expect(search.box).to_have_value("")
    expect(sheet).to_be_hidden()
    chat.page.keyboard.press("Control+K")
    chat.page.get_by_role("dialog", name="Commands").get_by_role("combobox").fill("shortcuts")
    chat.page.keyboard.press("Enter")
    expect(sheet.get_by_role("checkbox")).not_to_be_checked()
    sheet.get_by_role("checkbox").check()
    chat.page.keyboard.press("Escape")

    open_sheet(chat)


def test_an_apple_keyboard_has_its_own_signs_and_keeps_its_keys_for_text(chat: ChatPage) -> None:
    chat.page.add_init_script(ON_APPLE)
    chat.open()
    chat.write("To be cut")
    chat.box.focus()
    chat.page.keyboard.press("Control+K")  # there it deletes up to the end of the line
    expect(chat.page.get_by_role("dialog")).to_have_count(0)
    chat.page.keyboard.press("Meta+K")
    option = chat.page.get_by_role("option", name="New chat")
    expect(option.locator("kbd kbd")).to_have_text(["⇧", "⌘", "O"])


def test_no_shortcut_is_taken_behind_a_picture(chat: ChatPage, sheet: Locator) -> None:
    chat.page.evaluate("document.querySelector('.lightbox').showModal()")
    for keys in ("?", "/", "Control+K"):
        chat.page.keyboard.press(keys)
    chat.page.keyboard.press("Escape")
    open_sheet(chat)

    expect(chat.page.get_by_role("dialog")).to_have_count(1)


def test_the_sheet_has_no_violation_of_accessibility(chat: ChatPage) -> None:
    open_sheet(chat)
    expect_accessible(chat.page, "the sheet of shortcuts")
