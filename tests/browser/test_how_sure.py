"""How sure a model was of each token, from "About this answer" on."""

import pytest
from playwright.sync_api import expect

from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage
from tests.support.choice_scenarios import chunk, frames_of

pytestmark = pytest.mark.browser


def token(text: str, logprob: float, other: str = "") -> bytes:
    others = [{"token": other, "logprob": -2.0}] if other else []
    content = [{"token": text, "logprob": logprob, "top_logprobs": others}]
    return chunk(content=text, logprobs={"content": content})


def test_tokens_tell_what_could_have_stood_there_by_mouse_and_keyboard(chat: ChatPage) -> None:
    frames = [token("Oslo", -0.01), token(" is", -0.6, " was"), token(" cold", -3.0, " wet")]
    chat.site.fake.script(frames_of(*frames, chunk(0, "stop")))
    chat.ask("How is the weather?")
    chat.expect_reply("Oslo is cold")
    chat.press("About this answer")
    chat.answer.get_by_role("button", name="Raw text").click()
    dialog = chat.page.get_by_role("dialog", name="Raw text")
    expect(dialog).to_contain_text("3 tokens. The model was less than 50% sure of 1.")
    detail = dialog.get_by_role("status")

    dialog.locator("[data-level='2']", has_text="is").hover()
    expect(detail).to_have_text("“ is” 54.9%. Instead: “ was” 13.5%.")
    dialog.locator(".tokens .token").first.focus()
    chat.page.keyboard.press("End")
    expect(detail).to_have_text("“ cold” 5.0%. Instead: “ wet” 13.5%.")
    chat.page.keyboard.press("Home")
    expect(detail).to_have_text("“Oslo” 99.0%")
    expect_accessible(chat.page, "how sure the model was")
