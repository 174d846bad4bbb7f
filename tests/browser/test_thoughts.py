"""What a model thinks, above its answer: open while it is all that comes, folded when the answer begins."""

import pytest
from playwright.sync_api import Locator, expect

from tests.support import thinking_scenarios as thinking
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage
from tests.support.server import EndpointCall

pytestmark = pytest.mark.browser

PLAN = "The person wants the **total**.\n\n- three items\n- one coupon\n\nSo it is 14,20."


def ask(chat: ChatPage, *pieces: str) -> EndpointCall:
    """Ask; the model's pieces come as the test releases them."""
    chat.site.fake.script(thinking.pieces(*pieces))
    chat.ask("What is the total?")
    chat.expect_running()
    return chat.site.next_call()


def thoughts_of(chat: ChatPage) -> Locator:
    return chat.answer.locator("details[data-thoughts]")


def test_thoughts_are_open_until_the_answer_begins_and_are_there_after_a_reload(chat: ChatPage) -> None:
    call = ask(chat, f"<think>\n{PLAN}", "\n</think>\n\n", "The total is 14,20.", "<|im_end|>")
    thoughts = thoughts_of(chat)
    expect(thoughts).to_be_hidden()
    call.release(1)
    expect(thoughts).to_have_attribute("open", "")
    expect(thoughts.locator("li")).to_have_text(["three items", "one coupon"])
    expect(thoughts.locator("summary")).to_have_text("Thinking")
    another = chat.another_tab()
    expect(thoughts_of(another).locator("li")).to_have_count(2)

    call.release(4)
    chat.expect_reply("The total is 14,20.")
    for tab in (chat, another):
        expect(thoughts_of(tab)).not_to_have_attribute("open", "")
        expect(thoughts_of(tab).locator("summary")).to_contain_text("Thought")
        expect(tab.answer.locator("[data-body]")).to_have_text("The total is 14,20.")
    expect_accessible(chat.page, "an answer after thoughts")
    chat.reload()
    expect(chat.answer.get_by_text("three items")).to_be_hidden()
    chat.answer.locator("summary").press("Enter")
    expect(chat.answer.get_by_text("three items")).to_be_visible()
    expect_accessible(chat.page, "thoughts that are open")


def test_who_closes_thoughts_keeps_them_closed_and_who_opens_them_open(chat: ChatPage) -> None:
    call = ask(chat, "<think>One", " two", "</think>Hi", " there.")
    thoughts = thoughts_of(chat)
    call.release(1)
    expect(thoughts).to_have_attribute("open", "")
    thoughts.locator("summary").click()
    call.release(1)
    expect(thoughts.locator(".block")).to_have_text("One two")
    expect(thoughts).not_to_have_attribute("open", "")
    thoughts.locator("summary").click()
    call.release(10)
    chat.expect_reply("Hi there.")
    expect(thoughts).to_have_attribute("open", "")


def test_what_turns_out_to_be_thoughts_leaves_the_answer(chat: ChatPage) -> None:
    call = ask(chat, "I look at it.\n\nIt is a stair.", "\n</think>\n\n", "A stair.")
    call.release(1)
    expect(chat.blocks).to_have_count(2)
    call.release(10)
    chat.expect_reply("A stair.")
    expect(chat.answer.locator("[data-body]")).to_have_text("A stair.")
    expect(thoughts_of(chat)).to_contain_text("It is a stair.")


def test_an_answer_without_thoughts_has_no_place_for_them(chat: ChatPage) -> None:
    call = ask(chat, "A stair.")
    call.release(10)
    chat.expect_reply("A stair.")
    expect(thoughts_of(chat)).to_have_count(0)
