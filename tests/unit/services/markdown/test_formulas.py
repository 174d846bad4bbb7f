import pytest

from vision_chat.services.markdown import _formulas, _spans
from vision_chat.services.markdown.rendering import render


def sources(text: str) -> list[str]:
    return [formula.source for formula in _spans.formulas_in(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a $x^2$ b", ["x^2"]),
        (r"a \( x \) b", ["x"]),
        ("a $$x$$ b \\[y\\]", ["x", "y"]),
        ("\\[\nx\n\n+ y\n\\]", ["x\n\n+ y"]),
        ("($x$), $y$-axis", ["x", "y"]),
        ("$5 and $10", []),
        ("$5-$10, US$3", []),
        ("$5 million, not 6$", []),
        ("$HOME/$USER and $ x$", []),
        ("$x\n$", []),
        (r"\$x$ and \\(x\\)", []),
        (r"`\(x\)` and ``$y$ ` $z$``", []),
        ("```\n$x$\n```\n$y$", ["y"]),
        ("- ```tex\n  \\[x\\]\n  ```\n  $y$", ["y"]),
        ("~~~\n$x$", []),
        ("https://a.b/$x$ $y$", ["y"]),
        ("\\(x\n\ny\\)", []),
        ("$$$$ and \\[ \\]", []),
        ("a ` b $x$", ["x"]),
        ("a ` b\n\n$x$ ` c", ["x"]),
    ],
)
def test_formulas_are_found_and_prices_and_code_are_not(text: str, expected: list[str]) -> None:
    assert sources(text) == expected


@pytest.mark.parametrize("name", _formulas.ENVIRONMENTS)
@pytest.mark.parametrize("star", ["", "*"])
def test_every_environment_becomes_mathml(name: str, star: str) -> None:
    columns = {"array": "{cc}", "alignat": "{2}", "alignedat": "{2}"}.get(name, "")
    [block] = render(f"\\begin{{{name}{star}}}{columns}\na &= b\n\\end{{{name}{star}}}")
    assert "<math" in block
    assert "begin" not in block


def test_a_formula_that_is_too_long_is_none() -> None:
    assert sources("$$" + "x" * (_formulas.MAX_LENGTH + 1) + "$$") == []


def test_a_display_formula_without_an_end_is_reported_only_at_the_beginning_of_a_line() -> None:
    assert _spans.scan("a\n  \\[\nb").unclosed == 4
    assert _spans.scan("- $$\n  b").unclosed == 2
    assert _spans.scan("a \\[\nb").unclosed == -1
    assert _spans.scan("$$\n" + "b" * (_formulas.MAX_LENGTH + 1)).unclosed == -1


def test_a_text_full_of_dollars_is_not_searched() -> None:
    assert sources("$x$ " * _spans.MAX_MARKS) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$a<b$", "<mo>&lt;</mo>"),
        (r"$\text{a < b & c}$", "<mtext>a&nbsp;&lt;&nbsp;b&nbsp;&amp;&nbsp;c</mtext>"),
        ("$$x$$", 'display="block"'),
        ("$x$", 'display="inline"'),
        (r"$$\begin{aligned}a&=b\\c&=d\end{aligned}$$", "<mtable"),
        ("$a_1*b_2*c$", "<msub><mi>b</mi><mn>2</mn></msub>"),
        ("|a|\n|-|\n|$x$|", "<td><span"),
    ],
)
def test_a_formula_becomes_mathml(text: str, expected: str) -> None:
    assert expected in render(text)[0]


@pytest.mark.parametrize("source", [r"\nosuchcommand{x}", r"\begin{matrix}", "x^"])
def test_a_formula_that_cannot_be_converted_shows_its_source(source: str) -> None:
    assert render(f"a ${source}$ b") == [
        f'<p>a <span class="math math-inline math-source" dir="ltr">${source}$</span> b</p>'
    ]


def test_a_formula_in_an_address_or_a_title_is_the_text_it_was() -> None:
    assert 'title="costs $x$ &lt;b"' in render("[a](https://b.c 'costs $x$ <b')")[0]
    assert 'href="https://a.b/?c=$d$"' in render("<https://a.b/?c=$d$>")[0]


def test_a_formula_in_indented_code_is_the_text_it_was() -> None:
    [text, code] = render(r"\(x\)" "\n\n" r"    \(y\) $z$")
    assert "<math" in text
    assert r"<code>\(y\) $z$</code>" in code


def test_a_formula_beside_indented_code_in_a_quote_is_still_one() -> None:
    [block] = render(r"> \(x\)" "\n>\n" r">     \(y\)")
    assert block.count("<math") == 1
    assert r"<code>\(y\)</code>" in block


def test_a_pipe_in_a_formula_does_not_end_a_cell() -> None:
    [block] = render("|a|b|\n|-|-|\n|\\(|x|\\)|y|")
    assert block.count("<td>") == 2


@pytest.mark.parametrize("operator", [r"\lim", r"\max", r"\limsup", r"\bigcup", r"\bigoplus", r"\sum"])
def test_limits_stand_below_their_operator(operator: str) -> None:
    [block] = render(f"$${operator}_{{x}} f$$")
    assert "<munder>" in block
    assert "<msub>" not in block


def test_limits_of_an_integral_and_indices_stand_beside() -> None:
    [block] = render(r"$$\int_0^1 x_i$$")
    assert "<msubsup>" in block
    assert "<msub>" in block
    assert "<munder" not in block


def test_a_frame_and_a_strike_are_left_for_the_style_sheet() -> None:
    [block] = render(r"$\boxed{42}$ $\cancel{6}$")
    assert 'notation="box"' in block
    assert 'notation="updiagonalstrike"' in block


@pytest.mark.parametrize("text", ["设$x$为底边", "其中$h$是高。", "当$x=4$且$h=3$时"])
def test_a_formula_between_chinese_words_needs_no_spaces(text: str) -> None:
    assert render(text)[0].count("<math") == text.count("$") // 2


def test_japanese_prices_are_no_formula() -> None:
    assert sources("価格は$5、送料は$3です。") == []
