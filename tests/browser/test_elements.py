"""The elements of the chat page on pages that lack something, and in HTML that is put into a page."""

import re

import pytest
from playwright.sync_api import expect

from tests.support import fake_scenarios as scenarios
from tests.support import sample_images
from tests.support.browser.chat_page import ChatPage, file
from tests.support.browser.waiting import HeldRequests

pytestmark = pytest.mark.browser

PUT_IN_AGAIN = """() => {
  const main = document.querySelector("main");
  const html = main.outerHTML;
  main.remove();
  document.body.insertAdjacentHTML("beforeend", html);
}"""
WITHOUT_SENTENCES = """new MutationObserver(() => document.querySelector("#texts")?.remove())
  .observe(document, { childList: true, subtree: true })"""


def test_elements_start_in_html_that_is_put_into_a_page_and_end_with_it(chat: ChatPage) -> None:
    chat.ask("First")
    chat.expect_reply()
    chat.page.evaluate(PUT_IN_AGAIN)
    chat.attach(file("chart.jpg", sample_images.encoded(sample_images.chart(), "JPEG")))
    chat.expect_uploads("ready")
    chat.ask("Second")
    chat.expect_reply()

    chat.expect_said("First", "Second")
    chat.expect_same_as_opened_afresh()


def test_a_page_without_sentences_works_all_the_same(chat: ChatPage) -> None:
    chat.page.add_init_script(WITHOUT_SENTENCES)
    chat.open()
    expect(chat.page.locator("#texts")).to_have_count(0)
    chat.ask("Hello")

    chat.expect_reply()


def test_what_is_typed_and_pressed_before_the_script_is_here_is_sent_when_it_comes(chat: ChatPage) -> None:
    chat.write("A draft")
    held = HeldRequests(chat.page, re.compile(r"/js/chat\b"))
    chat.page.goto(chat.page.url, wait_until="commit")
    chat.page.evaluate("() => new Promise(requestAnimationFrame)")  # the page is drawn
    chat.attach(file("chart.jpg", sample_images.encoded(sample_images.chart(), "JPEG")))
    chat.write("Typed early")
    chat.box.press("Enter")
    expect(chat.box).to_have_value("Typed early")
    held.release()

    chat.expect_reply()
    chat.expect_said("A draft\n\nTyped early")
    expect(chat.picture("chart.jpg")).to_be_visible()


def test_a_question_sent_before_the_script_is_here_stays_in_the_box(chat: ChatPage) -> None:
    chat.troubles.expect("net::ERR_FAILED")
    chat.page.route("**/*.js", lambda route: route.abort())
    chat.open()
    chat.write("Typed early")
    chat.send_button.click()

    expect(chat.box).to_have_value("Typed early")
    assert chat.page.url == f"{chat.site.url}/"


def test_a_part_of_the_page_that_cannot_be_loaded_is_said_and_can_be_tried_again(chat: ChatPage) -> None:
    chat.troubles.expect("net::ERR_FAILED", "dynamically imported module")
    chat.attach(file("chart.jpg", sample_images.encoded(sample_images.chart(), "JPEG")))
    chat.expect_uploads("ready")
    chat.ask("What is it?")
    chat.expect_reply()
    chat.page.route("**/image-lightbox*.js", lambda route: route.abort(), times=1)
    chat.picture("chart.jpg").click()
    expect(chat.note).to_contain_text("This could not be loaded.")

    chat.picture("chart.jpg").click()
    expect(chat.page.get_by_role("dialog", name="Picture")).to_be_visible()


def test_a_part_of_the_page_that_is_lost_on_its_way_comes_by_itself(chat: ChatPage) -> None:
    chat.troubles.expect("net::ERR_FAILED")
    chat.page.route("**/reply-waiting*.js", lambda route: route.abort(), times=2)
    chat.site.fake.script(scenarios.step("Here I am."))
    chat.ask("Are you there?")
    call = chat.site.next_call()
    chat.page.evaluate("async () => void (await customElements.whenDefined('reply-waiting'))")
    call.release(10)

    chat.expect_reply("Here I am.")
