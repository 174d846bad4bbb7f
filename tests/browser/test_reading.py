"""Pages that must be readable whatever the browser lacks and whatever was written into them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support import fake_scenarios as scenarios
from tests.support import sample_images
from tests.support.browser.chat_page import ChatPage, file

pytestmark = pytest.mark.browser

ATTACK = '<img src=x onerror="window.hit=1"><script>window.hit=1</script><svg onload="window.hit=1">'
MARKDOWN_ATTACK = f"{ATTACK}\n\n[link](javascript:window.hit=1) ![picture](https://evil.example/x.png)\n\n$\\text{{{ATTACK}}}$"
LONG_WORD = "unbreakable" * 60
WIDE = f"""{LONG_WORD}

`{LONG_WORD}`

```
{LONG_WORD}
```

| a | b |
|---|---|
| {LONG_WORD} | {LONG_WORD} |

$${"x + " * 90} y$$
"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
ALL_LOADED = "() => [...document.querySelectorAll('.tile img')].every((image) => image.naturalWidth > 0)"
OpenChat = Callable[..., ChatPage]


def test_without_scripts_a_conversation_can_be_read(open_chat: OpenChat) -> None:
    writer = open_chat()
    writer.attach(file("chart.jpg", sample_images.encoded(sample_images.chart(), "JPEG")))
    writer.expect_uploads("ready")
    writer.site.fake.script(scenarios.say("It is a **chart**."))
    writer.ask("What is this?")
    writer.expect_reply("It is a chart.")
    reader = open_chat(java_script_enabled=False)
    reader.items.first.get_by_role("link").click()

    reader.expect_said("What is this?")
    reader.expect_reply("It is a chart.")
    expect(reader.picture("chart.jpg").locator("img")).to_be_visible()
    expect(reader.page.locator("noscript .notice")).to_be_visible()
    expect(reader.box).to_be_hidden()


def test_markup_in_names_questions_and_answers_stays_text(chat: ChatPage) -> None:
    name = f"{ATTACK.replace('/', '')}.jpg"
    chat.attach(file(name, sample_images.encoded(sample_images.chart(), "JPEG")))
    chat.expect_uploads("ready")
    chat.site.fake.script(scenarios.say(MARKDOWN_ATTACK))
    chat.ask(ATTACK)
    chat.expect_reply()
    chat.expect_said(ATTACK)
    chat.page.locator("[data-thread] [data-image]").click()
    expect(chat.page.locator("[data-lightbox-name]")).to_contain_text("onerror")
    chat.page.keyboard.press("Escape")
    chat.page.get_by_role("button", name="Options for").first.click()
    chat.page.get_by_role("button", name="Delete").click()
    expect(chat.toast).to_contain_text("<img")

    assert chat.page.evaluate("window.hit") is None
    assert (
        chat.page.locator("[data-thread] :is(script, [onerror], [onload], [href^='javascript'])").count() == 0
    )


def test_nothing_makes_a_phone_scroll_sideways(open_chat: OpenChat) -> None:
    chat = open_chat(viewport={"width": 360, "height": 740})
    chat.attach(
        file(f"{LONG_WORD[:200]}.jpg", sample_images.encoded(sample_images.chart((2000, 40)), "JPEG")),
        file("tall.jpg", sample_images.encoded(sample_images.chart((40, 2000)), "JPEG")),
    )
    chat.expect_uploads("ready", "ready")
    assert chat.page.evaluate(OVERFLOW) == 0
    chat.site.fake.script(scenarios.say(WIDE), scenarios.error(400))
    chat.ask(LONG_WORD)
    chat.expect_reply("unbreakable")
    assert chat.page.evaluate(OVERFLOW) == 0
    assert chat.scroller.evaluate("(scroller) => scroller.scrollWidth - scroller.clientWidth") == 0
    chat.ask("And an error")
    chat.expect_reply(status="failed")
    assert chat.page.evaluate(OVERFLOW) == 0
    chat.page.locator("[data-thread] [data-image]").first.click()
    expect(chat.page.get_by_role("dialog", name="Picture")).to_be_visible()

    assert chat.page.evaluate(OVERFLOW) == 0


@pytest.mark.parametrize("width", [360, 1440])
def test_pictures_have_their_place_before_they_are_loaded(open_chat: OpenChat, width: int) -> None:
    chat = open_chat(viewport={"width": width, "height": 2600})  # so high that nothing waits for scrolling
    for size in ((2000, 900), (900, 2000), (1190, 1200), (60, 80)):
        chat.attach(file(f"{size}.png", sample_images.encoded(sample_images.chart(size), "PNG")))
        chat.expect_uploads("ready")
        chat.send()
        chat.expect_reply()
    images = chat.page.locator("[data-thread] [data-image] img")
    chat.page.wait_for_function(ALL_LOADED)
    loaded = [image.bounding_box() for image in images.all()]
    chat.page.route("**/thumbnail/", lambda _: None)  # which is never answered
    chat.page.goto(chat.page.url, wait_until="domcontentloaded")  # so that the page has its style
    expect(images).to_have_count(4)

    assert [image.bounding_box() for image in images.all()] == loaded
    for box, proportion in zip(loaded, (2000 / 900, 900 / 2000, 1190 / 1200, 60 / 80), strict=True):
        assert box is not None
        assert box["width"] / box["height"] == pytest.approx(proportion, rel=0.1)
