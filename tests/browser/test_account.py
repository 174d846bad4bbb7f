"""The account page in a browser: found, used by keyboard alone, with and without scripts."""

import re
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.support import fake_scenarios as scenarios
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage
from tests.support.browser.site_rows import PASSWORD

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]


@pytest.fixture
def account(open_chat: OpenChat) -> Page:
    """Cleo's account page."""
    return open_chat("cleo").open("/account/").page


def section(page: Page, name: str) -> str:
    """Return the notice about the last change in the section of this name."""
    return f"section:has(h2:text-is('{name}')) [data-notice]"


def test_the_page_is_one_link_away_and_leads_back(open_chat: OpenChat) -> None:
    page = open_chat("cleo").page
    page.get_by_role("link", name="Account", exact=True).click()
    expect(page.get_by_role("heading", name="Account", exact=True)).to_be_visible()
    expect(page).to_have_title("Account · Vision Chat")
    page.get_by_role("link", name="Back to the chat").click()

    expect(page.get_by_role("textbox", name="Message")).to_be_visible()


def test_a_theme_is_tried_on_at_once_and_is_the_one_of_the_sidebar(account: Page) -> None:
    account.get_by_role("radio", name="Dark").check(force=True)
    expect(account.locator("html")).to_have_attribute("data-theme", "dark")
    expect(account.get_by_role("button", name="Save the appearance")).to_be_hidden()
    account.get_by_role("link", name="Back to the chat").click()

    expect(account.get_by_role("radio", name="Dark")).to_be_checked()
    expect(account.locator("html")).to_have_attribute("data-theme", "dark")


def test_everything_but_the_trying_on_works_without_scripts(open_chat: OpenChat) -> None:
    page = open_chat("cleo").page
    state = page.context.storage_state()
    assert page.context.browser
    context = page.context.browser.new_context(java_script_enabled=False, storage_state=state)
    plain = context.new_page()
    plain.goto(f"{page.url.rstrip('/')}/account/")
    plain.get_by_role("radio", name="Light").check(force=True)
    plain.get_by_role("button", name="Save the appearance").click()
    expect(plain.locator("html")).to_have_attribute("data-theme", "light")
    expect(plain.locator(section(plain, "Appearance"))).to_have_text("Your choice was saved.")
    plain.get_by_label("Default instructions").fill("")
    plain.get_by_role("button", name="Save the instructions").click()

    expect(plain.locator(section(plain, "Instructions"))).to_be_visible()
    context.close()


@pytest.mark.parametrize("leave", ["Save the profile", "Back to the chat"])
def test_what_was_typed_in_another_section_is_not_left_without_a_question(account: Page, leave: str) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    account.on("dialog", stay)
    account.get_by_label("Default instructions").click()
    account.keyboard.type("Answer in German, ")
    account.get_by_role("button", name=leave).or_(account.get_by_role("link", name=leave)).click()
    expect(account.get_by_label("Default instructions")).to_have_value(re.compile("Answer in German, "))
    assert asked == ["beforeunload"]
    account.get_by_role("button", name="Save the instructions").click()

    expect(account.locator(section(account, "Instructions"))).to_be_visible()
    assert asked == ["beforeunload"]


def test_a_change_is_made_and_heard_of_by_keyboard_alone(account: Page) -> None:
    account.get_by_role("textbox", name="E-mail").focus()
    account.keyboard.press("ControlOrMeta+A")
    account.keyboard.type("cleo@example.org")
    account.keyboard.press("Tab")
    account.keyboard.press("Enter")

    said = account.locator(section(account, "Profile"))
    expect(said).to_have_text("Your profile was saved.")
    expect(said).to_be_focused()
    expect(account.get_by_role("textbox", name="E-mail")).to_have_value("cleo@example.org")


def test_a_mistake_has_the_cursor_and_its_sentence(account: Page) -> None:
    account.get_by_label("Current password").fill("wrong")
    account.get_by_label("New password", exact=True).fill("another battery staple")
    account.get_by_label("New password again").fill("another battery staple")
    account.get_by_role("button", name="Change the password").click()

    box = account.get_by_label("Current password")
    expect(box).to_be_focused()
    expect(box).to_have_accessible_description("This is not your password.")
    expect(box).to_be_in_viewport()


def test_instructions_are_read_by_the_model(open_chat: OpenChat) -> None:
    chat = open_chat("")
    chat.site.rows.create_person("poet")
    chat.sign_in("poet")
    chat.open("/account/")
    chat.page.get_by_label("Default instructions").fill("Answer in rhymes.")
    chat.page.get_by_role("button", name="Save the instructions").click()
    expect(chat.page.locator(section(chat.page, "Instructions"))).to_be_visible()
    chat.site.fake.script(scenarios.say("No."))
    chat.open("/").ask("Do you rhyme?")
    chat.expect_reply("No.")

    assert chat.site.next_call().body["messages"][0]["content"] == "Answer in rhymes."


def test_an_export_arrives_as_a_file(open_chat: OpenChat, tmp_path: Path) -> None:
    chat = open_chat("cleo")
    chat.ask("What is in the export?")
    chat.expect_reply()
    chat.open("/account/")
    with chat.page.expect_download() as downloading:
        chat.page.get_by_role("link", name="Export my data").click()
    downloading.value.save_as(tmp_path / "export.zip")

    assert re.fullmatch(r"vision-chat cleo \d{4}-\d\d-\d\d\.zip", downloading.value.suggested_filename)
    with ZipFile(tmp_path / "export.zip") as found:
        assert found.testzip() is None
        texts = [found.read(name).decode() for name in found.namelist() if name.endswith(".md")]
    assert any("What is in the export?" in text for text in texts)


def test_another_browser_is_signed_out_while_this_one_goes_on(open_chat: OpenChat) -> None:
    here, there = open_chat("dora"), open_chat("", viewport={"width": 900, "height": 700})
    there.sign_in("dora")
    there.open("/").expect_connected()
    tab = here.another_tab()
    here.open("/account/").page.get_by_role("button", name="Sign out everywhere else").click()
    said = here.page.locator(section(here.page, "Sessions"))
    expect(said).to_have_text("You have been signed out everywhere else.")

    expect(there.connection_note).to_contain_text("You are signed out.")
    tab.ask("Am I still here?")
    tab.expect_reply()


def test_an_account_is_deleted_by_keyboard_alone(open_chat: OpenChat) -> None:
    chat = open_chat("", viewport={"width": 390, "height": 800})
    chat.site.rows.create_person("gone")
    chat.sign_in("gone")
    page = chat.open("/account/").page
    page.get_by_role("link", name="Delete my account").press("Enter")
    expect(page.get_by_role("heading", name="Delete your account?")).to_be_visible()
    page.get_by_label("Your password").press_sequentially("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This is not your password.")).to_be_visible()
    expect(page.get_by_label("Your password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Your account was deleted")).to_be_visible()
    page.get_by_role("link", name="Go to the sign-in").click()
    expect(page.get_by_label("Username")).to_be_visible()


def test_no_page_of_the_account_has_a_violation(account: Page, open_chat: OpenChat) -> None:
    expect_accessible(account, "the account page")
    account.get_by_role("textbox", name="Name").fill("")
    account.get_by_role("button", name="Save the profile").click()
    expect(account.get_by_text("This field is required.")).to_be_visible()
    expect_accessible(account, "the account page with a mistake")
    account.get_by_role("button", name="Sign out everywhere else").click()
    expect(account.locator(section(account, "Sessions"))).to_be_visible()
    expect_accessible(account, "the account page after a change")
    account.get_by_role("link", name="Delete my account").click()
    expect(account.get_by_role("heading", name="Delete your account?")).to_be_visible()
    expect_accessible(account, "the page that asks for the password")


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
def test_nothing_of_the_page_is_outside(account: Page, width: int) -> None:
    account.set_viewport_size({"width": width, "height": 800})
    for path in ("/account/", "/account/delete/"):
        account.goto(re.sub(r"(//[^/]+).*", rf"\g<1>{path}", account.url))
        assert account.evaluate("document.documentElement.scrollWidth") == width
