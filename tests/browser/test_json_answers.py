"""Answers that are JSON, and calls of tools: readable once they have ended."""

import pytest
from playwright.sync_api import expect

from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage
from tests.support.choice_scenarios import chunk, frames_of
from tests.support.fake_scenarios import say

pytestmark = pytest.mark.browser

ANSWER = '{"steps": 12, "rail": {"material": "oak", "is_loose": false}}'


def test_json_is_a_tree_that_folds_with_a_switch_to_its_text(chat: ChatPage) -> None:
    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat.site.fake.script(say(f"```json\n{ANSWER}\n```"))
    chat.ask("Describe it as JSON.")
    tree = chat.answer.locator("[data-json-tree]")
    expect(tree.get_by_text("oak")).to_be_visible()
    expect(chat.answer.locator("[data-body]")).to_be_hidden()
    expect_accessible(chat.page, "a tree of JSON")
    rail = tree.locator("summary", has_text="rail")
    rail.press("Enter")
    expect(tree.get_by_text("oak")).to_be_hidden()

    chat.press("Copy JSON")
    chat.page.wait_for_function("async (json) => (await navigator.clipboard.readText()) === json", arg=ANSWER)
    chat.answer.get_by_role("radio", name="Text").check(force=True)
    expect(tree).to_be_hidden()
    expect(chat.answer.locator("[data-body]")).to_contain_text('"steps": 12')
    chat.reload()
    expect(chat.answer.locator("[data-json-tree]").get_by_text("oak")).to_be_visible()


def test_a_list_of_flat_objects_is_a_table_too_and_can_be_copied_as_csv(chat: ChatPage) -> None:
    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat.site.fake.script(
        say('[{"name": "Apple", "price": 3.5}, {"name": "=1+1", "price": -2, "note": "a, b"}]')
    )
    chat.ask("What is on the receipt?")
    chat.answer.locator("[data-json-tree]").wait_for()
    chat.answer.get_by_role("radio", name="Table").check(force=True)
    table = chat.answer.locator("[data-json-table]")
    expect(table.get_by_role("columnheader")).to_have_text(["name", "price", "note"])
    expect(table.get_by_role("cell")).to_have_text(["Apple", "3.5", "", "=1+1", "-2", "a, b"])
    expect(chat.answer.locator("[data-json-tree]")).to_be_hidden()
    expect_accessible(chat.page, "a table of JSON")
    chat.press("Copy CSV")
    chat.page.wait_for_function(
        "async (csv) => (await navigator.clipboard.readText()).replaceAll('\\r', '') === csv",
        arg='name,price,note\nApple,3.5,\n\'=1+1,-2,"a, b"\n',
    )


def test_a_call_of_a_tool_can_be_read(chat: ChatPage) -> None:
    call = {"index": 0, "id": "1", "function": {"name": "get_weather", "arguments": '{"city": "Oslo"}'}}
    chat.site.fake.script(frames_of(chunk(tool_calls=[call]), chunk(0, "tool_calls")))
    chat.ask("How is the weather?")
    expect(chat.answer).to_have_attribute("data-status", "completed")
    calls = chat.answer.locator("[data-tool-calls]")
    expect(calls).to_contain_text("The model wants to call get_weather")
    expect(calls).to_contain_text("Oslo")
    expect(calls).to_contain_text("Nothing was called")
    expect_accessible(chat.page, "a call of a tool")
