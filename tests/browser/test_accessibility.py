"""Check the pages with axe, with the keyboard alone, and for what a screen reader is told."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support import fake_scenarios as scenarios
from tests.support import sample_images
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage, file

pytestmark = pytest.mark.browser

EVERYTHING = """# Everything

Words with `code`, **weight** and [a link](https://example.org/).

| thing | count |
|---|--:|
| apple | 3 |

```python
def answer(question: str) -> int:
    return 42  # of course
```

$$x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}$$

> A quotation

Press <kbd>Ctrl</kbd>; H<sub>2</sub>O is <mark>marked</mark>, and $\\boxed{42}$ framed.

- [x] done
- [ ] not done

1. one
2. two
"""
RECORD_ANNOUNCEMENTS = """() => {
  window.announced = [];
  const announcer = document.querySelector("[data-announcer]");
  new MutationObserver(() => { if (announcer.textContent) window.announced.push(announcer.textContent); })
    .observe(announcer, { childList: true });
}"""
OpenChat = Callable[..., ChatPage]


def test_no_page_of_the_chat_has_a_violation(chat: ChatPage) -> None:
    chat.attach(file("chart.jpg", sample_images.encoded(sample_images.chart(), "JPEG")))
    chat.expect_uploads("ready")
    expect_accessible(chat.page, "a new chat with an attached picture")
    chat.site.fake.script(scenarios.say(EVERYTHING), scenarios.error(400))
    chat.ask("Show me everything on www.example.org")
    chat.expect_reply("Everything")
    chat.ask("And an error")
    chat.expect_reply(status="failed")
    expect_accessible(chat.page, "an answer and an error")
    chat.picture("chart.jpg").click()
    expect(chat.page.get_by_role("dialog", name="Picture")).to_be_visible()
    expect_accessible(chat.page, "the lightbox")


def test_no_page_around_the_chat_has_a_violation(open_chat: OpenChat) -> None:
    chat = open_chat("root")
    chat.site.fake.script(scenarios.say(EVERYTHING))
    chat.ask("Show me everything on www.example.org")
    chat.expect_reply("Everything")
    chat.open(chat.page.url.removeprefix(chat.site.url).replace("/c/", "/admin/vision_chat/conversation/"))
    expect(chat.answer).to_contain_text("Everything")
    expect_accessible(chat.page, "the transcript")
    expect_accessible(open_chat("").page, "the sign-in")


def test_a_keyboard_is_enough_to_ask_and_to_stop(chat: ChatPage) -> None:
    page = chat.page
    page.locator("body").evaluate("(body) => { body.tabIndex = -1; body.focus(); }")  # where a page begins
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the message box")).to_be_focused()
    page.keyboard.press("Enter")
    expect(chat.box).to_be_focused()
    page.keyboard.type("[scenario: hang_midway]")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("Go on for ever")
    page.keyboard.press("Enter")
    chat.expect_running()
    expect(chat.box).to_be_focused()
    for _ in range(5):
        page.keyboard.press("Tab")
        if chat.stop_button.evaluate("(button) => button === document.activeElement"):
            break
    page.keyboard.press("Enter")

    chat.expect_reply("The answer begins", status="stopped")
    chat.expect_said("[scenario: hang_midway]\nGo on for ever")
    expect(chat.box).to_be_focused()


def test_a_screen_reader_hears_of_the_beginning_and_the_end_only(chat: ChatPage) -> None:
    chat.site.fake.script(scenarios.step(scenarios.corpus(300)))
    chat.page.evaluate(RECORD_ANNOUNCEMENTS)
    chat.ask("Tell me")
    call = chat.site.next_call()
    chat.page.wait_for_function("() => window.announced.length === 1")
    call.release(250)
    chat.expect_written(1000)
    call.release(1000)
    chat.expect_reply()
    chat.page.wait_for_function("() => window.announced.length > 1")

    assert chat.page.evaluate("window.announced") == ["The answer has begun.", "The answer is complete."]
