"""A reply on the page, while it is being written."""

import re

import pytest
from playwright.sync_api import expect

from tests.support import fake_scenarios as scenarios
from tests.support.browser.chat_page import ChatPage
from tests.support.browser.waiting import still_top
from tests.support.server import EndpointCall

pytestmark = pytest.mark.browser

LONG = scenarios.recital(3, 900)
CODE = "Look:\n\n```python\n" + "".join(f"step({n})\n" for n in range(60)) + "```\n\nThat was it."
WATCH_WHAT_MOVES = """() => {
  window.moved = [];
  const isPushedDown = (node) => node.closest(".reply-end"); // by the text that grows above it
  new PerformanceObserver((list) => {
    const nodes = list.getEntries().flatMap(({ sources }) => sources).map(({ node }) => node);
    const elements = nodes.map((node) => (node?.nodeType === Node.TEXT_NODE ? node.parentElement : node));
    const others = elements.filter((element) => element?.isConnected && !isPushedDown(element));
    window.moved.push(...others.map((element) => element.outerHTML));
  }).observe({ type: "layout-shift" });
}"""
FIRST_VISIBLE = """(scroller) => {
  const { top } = scroller.getBoundingClientRect();
  const blocks = [...document.querySelectorAll(".block")];
  const index = blocks.findIndex((block) => block.getBoundingClientRect().bottom > top);
  return [scroller.scrollTop, index, blocks[index].getBoundingClientRect().top];
}"""
AT_END = "(scroller) => scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop < 2"


def ask_stepwise(chat: ChatPage, text: str) -> EndpointCall:
    """Ask; the answer comes as the test releases its tokens."""
    chat.site.fake.script(scenarios.step(text))
    chat.ask("Tell me")
    chat.expect_running()
    return chat.site.next_call()


def write_more(chat: ChatPage, call: EndpointCall, tokens: int) -> None:
    """That many more tokens of a long answer have arrived on the page."""
    before = int(chat.answer.get_attribute("data-revision") or 0)
    call.release(tokens)
    chat.expect_written(before + 2 * tokens)  # no text here has tokens shorter than that on average


def finish(chat: ChatPage, call: EndpointCall) -> None:
    call.release(10_000)
    chat.expect_reply()


def test_a_page_says_after_five_seconds_that_it_waits_and_counts_on_when_opened_again(chat: ChatPage) -> None:
    chat.page.clock.install(time=0)
    chat.page.clock.pause_at(1)
    call = ask_stepwise(chat, "At last an answer.")
    chat.page.clock.run_for(3000)
    expect(chat.waiting).to_be_hidden()
    chat.page.clock.run_for(3000)
    expect(chat.waiting).to_have_text(re.compile(r"Waiting for the model\s+6 sec"))
    expect(chat.page.locator("[data-announcer]")).to_have_text("Waiting for the model")
    chat.reload()
    expect(chat.waiting).to_have_attribute("data-waited", re.compile(r"\d+"))
    chat.page.clock.run_for(7000)
    expect(chat.waiting).to_contain_text(re.compile(r"Waiting for the model\s+\d+ sec"))
    chat.page.clock.resume()
    finish(chat, call)

    expect(chat.waiting).not_to_be_attached()


def test_a_page_says_why_a_reply_waits_and_a_second_one_says_so_too(chat: ChatPage) -> None:
    loading = scenarios.error(503, {"error": {"message": "Loading model", "code": 503}})
    chat.site.fake.script(loading, loading, scenarios.step("At last."))
    chat.ask("Tell me")
    expect(chat.waiting).to_contain_text("The model is loading")
    another = chat.another_tab()
    expect(another.waiting).to_contain_text("The model is loading")
    expect(chat.stop_button).to_be_visible()
    for _ in range(3):
        call = chat.site.next_call()
    finish(chat, call)

    chat.expect_reply("At last.")
    another.expect_reply("At last.")


def test_half_an_emoji_does_not_hold_up_the_message_around_it(chat: ChatPage) -> None:
    chat.box.evaluate("(box) => { box.value = 'half \\ud83d of it'; }")
    chat.send()

    chat.expect_reply()
    chat.expect_said("half \N{REPLACEMENT CHARACTER} of it")


def test_stop_ends_the_answer_and_the_request_upstream(chat: ChatPage) -> None:
    call = ask_stepwise(chat, "one two three four")
    call.release(2)
    expect(chat.answer).to_contain_text("one two")
    chat.stop_button.click()
    call.wait_closed()

    chat.expect_reply("one two", status="stopped")
    expect(chat.send_button).to_be_visible()
    chat.expect_same_as_opened_afresh()


def test_regenerate_puts_another_answer_in_the_place_of_the_first(chat: ChatPage) -> None:
    chat.site.fake.script(scenarios.say("first"), scenarios.say("second"))
    chat.ask("Hello")
    chat.expect_reply("first")
    chat.press("Regenerate")

    chat.expect_reply("second")
    expect(chat.messages).to_have_count(2)
    chat.expect_same_as_opened_afresh()


def test_an_error_is_said_and_retry_mends_it(chat: ChatPage) -> None:
    chat.site.fake.script(scenarios.error_midway("It begins"), scenarios.say("All of it."))
    chat.ask("Hello")
    chat.expect_reply("It begins", status="failed")
    expect(chat.answer.locator(".reply-error")).not_to_be_empty()
    chat.press("Retry")

    chat.expect_reply("All of it.")
    chat.expect_same_as_opened_afresh()


def test_an_answer_that_was_cut_off_goes_on_where_it_ended(chat: ChatPage) -> None:
    chat.site.fake.script(scenarios.length(), scenarios.say(" middle of a sentence."))
    chat.ask("Hello")
    chat.expect_reply("This answer is cut off in the")
    chat.press("Continue")

    chat.expect_reply("This answer is cut off in the middle of a sentence.")
    expect(chat.messages).to_have_count(2)
    chat.expect_same_as_opened_afresh()


def test_a_reader_who_scrolled_up_stays_there_until_they_ask_for_the_end(chat: ChatPage) -> None:
    call = ask_stepwise(chat, LONG)
    write_more(chat, call, 400)
    chat.page.wait_for_function(AT_END, arg=chat.scroller.element_handle())
    chat.scroller.hover()
    chat.page.mouse.wheel(0, -300)
    expect(chat.to_end).to_be_visible()
    still_top(chat.scroller)  # the wheel turns smoothly
    before = chat.scroller.evaluate(FIRST_VISIBLE)
    write_more(chat, call, 300)

    assert chat.scroller.evaluate(FIRST_VISIBLE) == before
    chat.to_end.click()
    chat.page.wait_for_function(AT_END, arg=chat.scroller.element_handle())
    expect(chat.to_end).to_be_hidden()
    finish(chat, call)
    chat.page.wait_for_function(AT_END, arg=chat.scroller.element_handle())


def test_an_open_code_block_only_grows(chat: ChatPage) -> None:
    call = ask_stepwise(chat, CODE)
    write_more(chat, call, 20)
    chat.blocks.last.locator("pre code").evaluate("(code) => { window.kept = code.firstChild; }")
    write_more(chat, call, 30)
    chat.expect_written(CODE.index("step(45)"))

    assert chat.page.evaluate("window.kept.isConnected && window.kept.data.includes('step(40)')")
    finish(chat, call)
    chat.expect_same_as_opened_afresh()


def test_a_formula_wider_than_the_page_can_be_scrolled(chat: ChatPage) -> None:
    chat.page.set_viewport_size({"width": 360, "height": 740})
    terms = " + ".join(f"x_{{{number}}}" for number in range(40))
    chat.site.fake.script(scenarios.say(f"Short: $a + b$. Long: ${terms}$."))
    chat.ask("Add it up")
    chat.expect_reply()
    for _ in ("as it came", "opened afresh"):
        wide = chat.page.locator(".math-wide")
        expect(wide).to_have_count(1)
        expect(wide).to_have_attribute("tabindex", "0")
        assert wide.evaluate("(formula) => formula.scrollWidth > formula.clientWidth")
        chat.reload()


def test_text_selected_in_an_earlier_block_stays_selected(chat: ChatPage) -> None:
    call = ask_stepwise(chat, LONG)
    write_more(chat, call, 200)
    chat.blocks.first.evaluate("(block) => getSelection().selectAllChildren(block)")
    selected = chat.page.evaluate("String(getSelection())")
    finish(chat, call)

    assert selected.strip()
    assert chat.page.evaluate("String(getSelection())") == selected


def test_nothing_that_stands_moves_while_the_answer_grows_and_ends(chat: ChatPage) -> None:
    call = ask_stepwise(chat, LONG)
    write_more(chat, call, 50)
    chat.page.evaluate(WATCH_WHAT_MOVES)
    composer = chat.page.locator("[data-composer]").bounding_box()
    write_more(chat, call, 500)
    finish(chat, call)
    expect(chat.send_button).to_be_visible()

    assert chat.page.locator("[data-composer]").bounding_box() == composer
    assert chat.page.evaluate("window.moved") == []


def test_code_and_answers_are_copied_as_they_were_written(chat: ChatPage) -> None:
    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat.site.fake.script(scenarios.say(CODE))
    chat.ask("Hello")
    chat.expect_reply("That was it.")

    chat.press("Copy as Markdown")
    expect(chat.answer.get_by_role("button", name="Copy as Markdown").locator("use")).to_have_attribute(
        "href", "#icon-check"
    )
    assert chat.page.evaluate("navigator.clipboard.readText()") == CODE
    chat.press("Copy code")
    expect(chat.answer.locator(".copy-code use")).to_have_attribute("href", "#icon-check")
    code = chat.page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(r"(step\(\d+\)\n?){60}", code)
