"""The message just sent at the top of the thread, and its answer growing below it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support import fake_scenarios as scenarios
from tests.support import sample_images
from tests.support.browser.chat_page import ChatPage, file
from tests.support.server import EndpointCall

pytestmark = pytest.mark.browser

LINES = "".join(f"Line {number}.\n\n" for number in range(40))
FROM_TOP = """() => {
  const scroller = document.querySelector("[data-scroller]");
  const said = [...scroller.querySelectorAll("[data-role=user]")].at(-1);
  return Math.round(said.getBoundingClientRect().top - scroller.getBoundingClientRect().top);
}"""
IS_AT_TOP = f"() => Math.abs(({FROM_TOP})() - 16) < 2"
IS_AT_END = """() => {
  const scroller = document.querySelector("[data-scroller]");
  return scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop < 2;
}"""


@pytest.fixture
def chat(open_chat: Callable[..., ChatPage]) -> ChatPage:
    """A page with a long answer, of somebody who chose it on the account page."""
    chat = open_chat()
    chat.open("/account/").page.get_by_role("checkbox", name="Move each message").check()
    chat.open()
    chat.site.fake.script(scenarios.say(LINES))
    chat.ask("The first")
    chat.expect_reply("Line 39.")
    chat.site.next_call()
    return chat


def ask_stepwise(chat: ChatPage) -> EndpointCall:
    chat.site.fake.script(scenarios.step(LINES))
    chat.ask("The second")
    call = chat.site.next_call()
    chat.expect_running()
    return call


def test_a_sent_message_goes_to_the_top_and_stays_while_its_answer_grows(chat: ChatPage) -> None:
    call = ask_stepwise(chat)
    chat.page.wait_for_function(IS_AT_TOP)
    expect(chat.to_end).to_be_hidden()
    call.release(8)
    expect(chat.answer).to_contain_text("Line 1.")
    chat.page.wait_for_function(IS_AT_TOP)
    expect(chat.to_end).to_be_hidden()
    call.release(10_000)
    chat.expect_reply("Line 39.")

    chat.page.wait_for_function(IS_AT_TOP)
    expect(chat.to_end).to_be_visible()


def test_the_button_to_the_end_follows_the_answer_from_there(chat: ChatPage) -> None:
    call = ask_stepwise(chat)
    chat.page.wait_for_function(IS_AT_TOP)
    call.release(150)
    expect(chat.to_end).to_be_visible()
    chat.to_end.click()
    chat.page.wait_for_function(IS_AT_END)
    call.release(10_000)
    chat.expect_reply("Line 39.")

    chat.page.wait_for_function(IS_AT_END)
    expect(chat.to_end).to_be_hidden()


def test_below_pictures_that_fill_the_view_there_is_room_for_the_answer(chat: ChatPage) -> None:
    chat.page.set_viewport_size({"width": 390, "height": 500})
    tall = sample_images.encoded(sample_images.chart((400, 2000)), "JPEG")
    chat.attach(*(file(f"tall{number}.jpg", tall) for number in range(6)))
    chat.expect_uploads(*["ready"] * 6)
    chat.site.fake.script(scenarios.say("One line."))
    chat.ask("What are they?")
    chat.expect_reply("One line.")

    expect(chat.answer.get_by_text("One line.")).to_be_in_viewport()


def test_a_message_that_waited_goes_to_the_top_when_it_is_sent(chat: ChatPage) -> None:
    call = ask_stepwise(chat)
    chat.page.wait_for_function(IS_AT_TOP)
    chat.write("The third")
    chat.box.press("Enter")
    expect(chat.message_that_waits).to_be_visible()
    call.release(len(scenarios.tokens(LINES)))
    expect(chat.answers.nth(1)).to_contain_text("Line 39.")
    call.release()
    expect(chat.answers).to_have_count(3)

    chat.page.wait_for_function(IS_AT_TOP)


def test_opened_afresh_the_thread_is_at_its_end(chat: ChatPage) -> None:
    chat.reload()

    chat.page.wait_for_function(IS_AT_END)
    expect(chat.to_end).to_be_hidden()
