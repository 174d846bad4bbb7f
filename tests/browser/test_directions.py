"""Answers that run from right to left, on the page as it is styled; the server says which blocks do."""

from typing import Any

import pytest

from tests.support import fake_scenarios as scenarios
from tests.support.browser.chat_page import ChatPage

pytestmark = pytest.mark.browser

ARABIC = """في الصورة `print("x")` و $x + 1$ هنا.

1. اللون
2. العنوان

> اقتباس

- [x] تم

| الصنف | السعر |
|---|---|
| خبز | 3.50 |

```
code
```

$$y = 2$$
"""
WIDE = f"| {' | '.join('كلماتطويلةجدا' for _ in range(30))} |\n{'|---' * 30}|\n"
TURN = """(body) => {
  for (const element of body.querySelectorAll("p, ol, ul, blockquote, table")) element.dir = "rtl";
}"""


@pytest.fixture
def arabic(chat: ChatPage) -> ChatPage:
    chat.site.fake.script(scenarios.say(ARABIC))
    chat.ask("ماذا ترى؟")
    chat.expect_reply()
    chat.answer.locator("[data-body]").evaluate(TURN)
    return chat


def style(chat: ChatPage, selector: str, *names: str) -> list[Any]:
    script = "(element, names) => names.map((name) => getComputedStyle(element)[name])"
    found: list[Any] = chat.answer.locator(selector).first.evaluate(script, list(names))
    return found


@pytest.mark.parametrize("selector", ["p code", "p math", ".code", "pre", ".math-display math"])
def test_code_and_formulas_stay_left_to_right_and_by_themselves(arabic: ChatPage, selector: str) -> None:
    assert style(arabic, selector, "direction", "unicodeBidi") == ["ltr", "isolate"]


def test_marks_indents_and_bars_stand_at_the_right(arabic: ChatPage) -> None:
    for selector in ("ol", "ul", "blockquote"):
        left, right = style(arabic, selector, "paddingLeft", "paddingRight")
        assert (left, right != "0px") == ("0px", True)
    assert style(arabic, "blockquote", "borderLeftWidth", "borderRightWidth") == ["0px", "3px"]
    assert style(arabic, "ul input", "marginLeft", "marginRight")[1].startswith("-")


def test_a_table_stands_at_the_right(arabic: ChatPage) -> None:
    table = arabic.answer.locator("table").bounding_box()
    body = arabic.answer.locator("[data-body]").bounding_box()

    assert table is not None
    assert body is not None
    assert table["x"] + table["width"] == pytest.approx(body["x"] + body["width"])
    assert table["x"] > body["x"]


def test_a_wide_table_begins_at_its_right_end(chat: ChatPage) -> None:
    chat.site.fake.script(scenarios.say(WIDE))
    chat.ask("جدول")
    chat.expect_reply()
    chat.answer.locator("[data-body]").evaluate(TURN)
    first = chat.answer.locator("th").first.bounding_box()
    block = chat.blocks.first.bounding_box()

    assert first is not None
    assert block is not None
    assert first["x"] + first["width"] == pytest.approx(block["x"] + block["width"])
