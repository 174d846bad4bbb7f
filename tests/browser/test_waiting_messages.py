"""The next question while an answer is written: it waits below it, and what a person can do with it."""

import pytest
from playwright.sync_api import Route, expect

from tests.support import fake_scenarios as scenarios
from tests.support import sample_images
from tests.support.browser.accessible import IS_STILL, expect_accessible, violations
from tests.support.browser.chat_page import ChatPage, file
from tests.support.server import EndpointCall

pytestmark = pytest.mark.browser

ANSWER = "One two three four five six."
NO_CONNECTION = ("net::ERR_", "WebSocket")


@pytest.fixture
def call(chat: ChatPage) -> EndpointCall:
    """The first answer, of which two words are written."""
    chat.site.fake.script(scenarios.step(ANSWER), scenarios.say("The second answer."))
    chat.ask("Count")
    call = chat.site.next_call()
    call.release(2)
    expect(chat.answer).to_contain_text("One two")
    return call


def wait_with(chat: ChatPage, text: str = "And then?") -> None:
    """Write it and press Enter."""
    chat.write(text)
    chat.send_by_enter()
    expect(chat.message_that_waits.locator("[data-body]")).to_have_text(text)
    expect(chat.box).to_have_value("")


def test_a_question_is_sent_with_enter_waits_and_goes_by_itself(chat: ChatPage, call: EndpointCall) -> None:
    expect(chat.stop_button).to_be_visible()
    expect(chat.send_button).to_be_visible()
    wait_with(chat)
    expect(chat.message_that_waits).to_contain_text("This will be sent when the answer is complete.")
    expect(chat.box).to_be_focused()
    call.release(100)

    chat.expect_reply("The second answer.")
    expect(chat.message_that_waits).to_have_count(0)
    chat.expect_said("Count", "And then?")
    expect(chat.stop_button).to_be_hidden()
    chat.expect_same_as_opened_afresh()


def test_a_closed_tab_loses_no_message_that_waits(chat: ChatPage, call: EndpointCall) -> None:
    wait_with(chat)
    address = chat.page.url
    chat.page.goto("about:blank")
    chat.page.goto(address)
    expect(chat.message_that_waits).to_contain_text("And then?")
    expect(chat.box).to_have_value("")
    chat.page.goto("about:blank")
    call.release(100)
    chat.site.until(lambda: chat.site.rows.saved_answer() == "The second answer.")
    chat.page.goto(address)

    chat.expect_reply("The second answer.")
    chat.expect_said("Count", "And then?")


def test_two_tabs_show_the_message_wait_and_go(chat: ChatPage, call: EndpointCall) -> None:
    other = chat.another_tab()
    wait_with(chat)
    expect(other.message_that_waits).to_contain_text("And then?")
    other.press_waiting("Withdraw")
    expect(chat.message_that_waits).to_have_count(0)
    wait_with(chat, "This instead")
    expect(other.message_that_waits).to_contain_text("This instead")
    call.release(100)

    other.expect_said("Count", "This instead")
    other.expect_reply("The second answer.")
    expect(other.message_that_waits).to_have_count(0)


def test_change_puts_words_and_pictures_before_what_is_in_the_box(chat: ChatPage, call: EndpointCall) -> None:
    chat.attach(file("chart.jpg", sample_images.encoded(sample_images.chart(), "JPEG")))
    chat.expect_uploads("ready")
    wait_with(chat)
    chat.expect_uploads()
    chat.write("Typed since")
    chat.press_waiting("Change")

    expect(chat.box).to_have_value("And then?\n\nTyped since")
    chat.expect_uploads("ready")
    expect(chat.box).to_be_focused()
    expect(chat.message_that_waits).to_have_count(0)
    chat.send()
    expect(chat.message_that_waits.locator("img")).to_be_visible()
    call.release(100)
    chat.expect_reply("The second answer.")
    assert "data:image" in str(chat.site.next_call().body["messages"][-1])


def test_what_was_changed_is_a_draft_like_any_other(chat: ChatPage, call: EndpointCall) -> None:
    wait_with(chat)
    chat.press_waiting("Change")
    expect(chat.box).to_have_value("And then?")
    chat.reload()

    expect(chat.box).to_have_value("And then?")
    expect(chat.message_that_waits).to_have_count(0)


def test_withdraw_leaves_the_box_alone_and_can_be_undone(chat: ChatPage, call: EndpointCall) -> None:
    wait_with(chat)
    chat.write("Typed since")
    chat.press_waiting("Withdraw")
    expect(chat.toast).to_contain_text("Your message was withdrawn.")
    expect(chat.message_that_waits).to_have_count(0)
    chat.toast.get_by_role("button", name="Undo").click()

    expect(chat.message_that_waits).to_contain_text("And then?")
    expect(chat.box).to_have_value("Typed since")


def test_undo_after_the_end_of_the_answer_sends_nothing_unasked(chat: ChatPage, call: EndpointCall) -> None:
    wait_with(chat)
    chat.press_waiting("Withdraw")
    expect(chat.toast).to_contain_text("Your message was withdrawn.")
    call.release(100)
    expect(chat.answer).to_have_attribute("data-status", "completed")
    chat.toast.get_by_role("button", name="Undo").click()

    expect(chat.box).to_have_value("And then?")
    chat.expect_said("Count")


def test_send_now_stops_the_answer_and_sends(chat: ChatPage, call: EndpointCall) -> None:
    wait_with(chat)
    chat.press_waiting("Send now")
    call.wait_closed()

    chat.expect_reply("The second answer.")
    expect(chat.answers.first).to_have_attribute("data-status", "stopped")
    expect(chat.message_that_waits).to_have_count(0)
    chat.expect_same_as_opened_afresh()


def test_after_a_stop_the_page_asks_and_send_now_sends(chat: ChatPage, call: EndpointCall) -> None:
    wait_with(chat)
    chat.box.press("Escape")
    words = "The last answer was stopped. Send this anyway?"
    expect(chat.message_that_waits).to_contain_text(words)
    expect(chat.page.locator("[data-announcer]")).to_have_text(words)
    expect(chat.stop_button).to_be_hidden()
    chat.press_waiting("Send now")

    chat.expect_reply("The second answer.")
    chat.expect_said("Count", "And then?")


def test_after_a_failure_retry_lets_the_message_follow_the_new_answer(chat: ChatPage) -> None:
    failing = scenarios.step_then_error("It begins")
    chat.site.fake.script(failing, scenarios.step("All of it."), scenarios.say("The second answer."))
    chat.ask("Count")
    call = chat.site.next_call()
    call.release(1)
    expect(chat.answer).to_contain_text("It")
    wait_with(chat)
    call.release(10)
    expect(chat.message_that_waits).to_contain_text("The last answer failed. Send this anyway?")
    chat.answers.first.get_by_role("button", name="Retry").click()
    expect(chat.message_that_waits).to_contain_text("This will be sent when the answer is complete.")
    chat.site.next_call().release(10)

    chat.expect_reply("The second answer.")
    chat.expect_said("Count", "And then?")
    chat.expect_same_as_opened_afresh()


def test_a_second_message_is_refused_and_stays_in_the_box(chat: ChatPage, call: EndpointCall) -> None:
    wait_with(chat)
    chat.write("And another?")
    chat.send()

    expect(chat.note).to_have_text("You already have a waiting message. Send, change or withdraw it first.")
    expect(chat.box).to_have_value("And another?")
    chat.reload()
    expect(chat.box).to_have_value("And another?")
    call.release(100)
    chat.expect_reply("The second answer.")
    chat.expect_said("Count", "And then?")
    expect(chat.box).to_have_value("And another?")


def test_a_question_sent_without_a_connection_waits_when_that_is_back(
    chat: ChatPage, call: EndpointCall
) -> None:
    chat.troubles.expect(*NO_CONNECTION)
    chat.go_offline()
    expect(chat.connection_note).to_contain_text("No connection")
    chat.write("And then?")
    chat.send()
    expect(chat.note).to_contain_text("when the connection is back")
    chat.go_online()

    expect(chat.message_that_waits).to_contain_text("And then?")
    expect(chat.box).to_have_value("")
    call.release(100)
    chat.expect_reply("The second answer.")
    chat.expect_same_as_opened_afresh()


def test_a_page_that_was_offline_shows_that_the_message_was_sent(chat: ChatPage, call: EndpointCall) -> None:
    chat.troubles.expect(*NO_CONNECTION)
    wait_with(chat)
    chat.go_offline()
    expect(chat.connection_note).to_contain_text("No connection")
    call.release(100)
    chat.site.until(lambda: chat.site.rows.saved_answer() == "The second answer.")
    chat.go_online()

    expect(chat.answers).to_have_count(2)
    expect(chat.message_that_waits).to_have_count(0)
    chat.expect_same_as_opened_afresh()


def test_change_without_a_connection_says_so_and_the_message_waits_on(
    chat: ChatPage, call: EndpointCall
) -> None:
    chat.troubles.expect(*NO_CONNECTION)
    wait_with(chat)
    chat.press_waiting("Withdraw")  # which loads what taking back needs
    chat.toast.get_by_role("button", name="Undo").click()
    expect(chat.message_that_waits).to_contain_text("And then?")
    chat.go_offline()
    chat.press_waiting("Change")

    expect(chat.toast).to_contain_text("That did not work. Please try again.")
    expect(chat.message_that_waits).to_contain_text("And then?")
    expect(chat.box).to_have_value("")
    chat.go_online()


def test_words_are_not_lost_where_only_the_answer_of_the_server_was(
    chat: ChatPage, call: EndpointCall
) -> None:
    chat.troubles.expect("net::ERR_")
    wait_with(chat)

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    chat.page.route("**/withdraw/", lose_the_answer)
    chat.press_waiting("Change")

    expect(chat.message_that_waits).to_have_count(0)
    expect(chat.box).to_have_value("And then?")


def test_a_server_that_was_killed_comes_back_with_the_message(chat: ChatPage, call: EndpointCall) -> None:
    chat.troubles.expect(*NO_CONNECTION)
    wait_with(chat)
    chat.site.kill()
    expect(chat.connection_note).to_contain_text("No connection")
    chat.site.start()

    expect(chat.message_that_waits).to_contain_text("The last answer was interrupted. Send this anyway?")
    chat.press_waiting("Send now")
    chat.expect_reply("The second answer.")


def test_the_buttons_are_reached_by_keyboard_and_nothing_is_amiss(chat: ChatPage, call: EndpointCall) -> None:
    wait_with(chat, "<b>Is this</b> a very_long_word_" + "x" * 200)
    change = chat.message_that_waits.get_by_role("button", name="Change")
    change.focus()
    for name in ("Withdraw", "Send now"):
        chat.page.keyboard.press("Tab")
        expect(chat.message_that_waits.get_by_role("button", name=name)).to_be_focused()
    chat.page.wait_for_function(IS_STILL)
    assert not violations(chat.page)  # the mark of the running answer is never still
    chat.stop_button.click()
    expect(chat.message_that_waits).to_contain_text("Send this anyway?")
    expect_accessible(chat.page, "a message that asks")
    chat.message_that_waits.get_by_role("button", name="Withdraw").press("Enter")

    expect(chat.message_that_waits).to_have_count(0)
    expect(chat.box).to_be_focused()
