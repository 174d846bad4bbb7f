"""Tables, formulas and plain text as they are styled: what is too wide, and what MathML Core left out."""

import pytest
from playwright.sync_api import Locator, expect

from tests.support import fake_scenarios as scenarios
from tests.support.browser.chat_page import ChatPage

pytestmark = pytest.mark.browser

WORD = "unbreakable" * 20
WIDE = f"""- A list with a table

  | a | b |
  |---|---|
  | {WORD} | {WORD} |

$${"x + " * 90} y$$
"""
ENCLOSED = r"""$\boxed{42}$ and $\cancel{6}$ and $\bcancel{6}$ and $\xcancel{6}$ and $\sout{6}$"""
STROKES = "(element) => getComputedStyle(element).backgroundImage.match(/linear-gradient/g)?.length ?? 0"


def scrolls_by_keyboard(chat: ChatPage, element: Locator) -> bool:
    expect(element).to_have_attribute("tabindex", "0")
    element.focus()
    chat.page.keyboard.press("ArrowRight")
    chat.page.wait_for_function("(element) => element.scrollLeft > 0", arg=element.element_handle())
    return bool(element.evaluate("(element) => element === document.activeElement"))


@pytest.mark.parametrize("selector", ["li table", ".math-display"])
def test_what_is_too_wide_scrolls_in_itself_by_keyboard_too(chat: ChatPage, selector: str) -> None:
    chat.site.fake.script(scenarios.say(WIDE))
    chat.ask("Something wide")
    chat.expect_reply()

    assert scrolls_by_keyboard(chat, chat.answer.locator(selector))
    assert chat.scroller.evaluate("(scroller) => scroller.scrollWidth - scroller.clientWidth") == 0


def test_text_that_is_too_deep_to_be_rendered_keeps_its_lines_within_its_column(chat: ChatPage) -> None:
    chat.site.fake.script(scenarios.say(f"{'> ' * 60}{WORD}\nnext line"))
    chat.ask("Very deep")
    chat.expect_reply()
    plain = chat.answer.locator("pre.plain").last

    assert plain.inner_text().endswith(f"{WORD}\nnext line")
    assert plain.evaluate("(plain) => plain.scrollWidth - plain.clientWidth") == 0


def test_frames_and_strokes_of_formulas_are_drawn(chat: ChatPage) -> None:
    chat.site.fake.script(scenarios.say(ENCLOSED))
    chat.ask("The answer")
    chat.expect_reply()
    enclosed = chat.answer.locator("menclose")

    assert [one.evaluate(STROKES) for one in enclosed.all()] == [0, 1, 1, 2, 1]
    assert enclosed.first.evaluate("(box) => getComputedStyle(box).borderTopWidth") == "1px"
