"""Emphasis beside Chinese, Japanese and Korean punctuation, where no space tells words apart."""

# ruff: noqa: RUF001 (full-width punctuation is what is tested)

import pytest

from vision_chat.services.markdown.rendering import render


def html_of(text: str) -> str:
    return "\n".join(render(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**日本語。**文", "<strong>日本語。</strong>文"),
        ("**颜色：**墙面", "<strong>颜色：</strong>墙面"),
        ("**位置（左下角）**有", "<strong>位置（左下角）</strong>有"),
        ("写着**“营业中”**三个字", "写着<strong>“营业中”</strong>三个字"),
        ("店名是**「みどり屋」**です", "店名是<strong>「みどり屋」</strong>です"),
        ("사진은 **“부산”**에서", "사진은 <strong>“부산”</strong>에서"),
        ("*注意。*后面", "<em>注意。</em>后面"),
        ("~~删除（旧价）。~~现在", "<del>删除（旧价）。</del>现在"),
        ("**a**：**b**", "<strong>a</strong>：<strong>b</strong>"),
        ("文**`码`**文", '文<strong><code dir="ltr">码</code></strong>文'),
    ],
)
def test_emphasis_ends_beside_punctuation(text: str, expected: str) -> None:
    assert html_of(text) == f"<p>{expected}</p>"


@pytest.mark.parametrize("text", ["5~10 元，20~30。", "2 * 3 = 6，4 * 5", "`**注意。**后`", "f(x)*g(x)*h"])
def test_marks_that_are_no_emphasis_stay(text: str) -> None:
    html = html_of(text)
    assert "<em>" not in html
    assert "<strong>" not in html
    assert "<del>" not in html


@pytest.mark.parametrize(
    "text",
    ["**日本語。**文", "```\n**日本語。**文\n```", "[**文。**字](https://a.b/**文。**字)"],
)
def test_separators_never_reach_the_page(text: str) -> None:
    assert "\ue000" not in html_of(text)
    assert "%EE%80%80" not in html_of(text)


def test_a_reference_with_emphasis_finds_its_definition() -> None:
    assert "https://a.b" in html_of("[**文。**字]\n\n[**文。**字]: https://a.b\n")
