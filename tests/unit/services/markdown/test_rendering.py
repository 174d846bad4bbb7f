import pytest

from vision_chat.services.markdown.rendering import render

LINK = 'target="_blank" rel="noopener noreferrer nofollow"'


def html_of(text: str) -> str:
    return "\n".join(render(text))


def test_each_top_level_element_is_a_block() -> None:
    blocks = render("# Title\n\nText\n- a\n- b\n\n---\n\n```\ncode\n```\n> quote")
    assert [block[:4] for block in blocks] == ["<h1>", "<p>T", "<ul>", "<hr>", "<div", "<blo"]


def test_blocks_are_declared_safe() -> None:
    assert all(hasattr(block, "__html__") for block in render("a\n\nb"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**a** *b* ~~c~~ `d`", '<p><strong>a</strong> <em>b</em> <del>c</del> <code dir="ltr">d</code></p>'),
        ("a  \nb", "<p>a<br>\nb</p>"),
        ("H<sub>2</sub>O <kbd>x</kbd>", "<p>H<sub>2</sub>O <kbd>x</kbd></p>"),
        ("2. a\n3. b", '<ol start="2">\n<li>a</li>\n<li>b</li>\n</ol>'),
        ("## A [x]", "<h2>A [x]</h2>"),
        (
            "a[^1]\n\n[^1]: the source",
            '<p>a<sup class="footnote">1</sup></p>\n<p><sup class="footnote">1</sup> the source</p>',
        ),
        ('"a" -- b...', '<p>"a" -- b...</p>'),
        ("## A {#id .c}", "<h2>A {#id .c}</h2>"),
    ],
)
def test_markdown_becomes_html(text: str, expected: str) -> None:
    assert html_of(text) == expected


def test_columns_are_aligned_by_a_class() -> None:
    html = html_of("|a|b|c|d|\n|:-|:-:|-:|-|\n|1|2|3|4|")
    assert html.count('class="align-left"') == 2
    assert html.count('class="align-center"') == 2
    assert html.count('class="align-right"') == 2
    assert "style" not in html


def test_a_task_is_a_checkbox_that_cannot_be_used() -> None:
    html = html_of("- [ ] a\n- [x] b")
    assert html.count('type="checkbox"') == html.count("<input disabled ") == 2
    assert html.count(" checked ") == 1
    assert html.index('aria-label="To do"') < html.index('aria-label="Done"')


def test_a_link_opens_elsewhere_and_tells_nothing() -> None:
    assert html_of("[a](https://b.org/?x=1&y=2)") == (
        f'<p><a href="https://b.org/?x=1&amp;y=2" {LINK}>a</a></p>'
    )


@pytest.mark.parametrize(
    "address", ["/admin/", "//evil.org", "javascript:x", "data:text/html,x", "ftp://a.b"]
)
def test_an_address_that_is_relative_or_of_another_scheme_is_no_link(address: str) -> None:
    assert html_of(f"[a]({address})") == f"<p>[a]({address})</p>"
    assert html_of(f"![a]({address})") == "<p>a</p>"


def test_an_image_becomes_a_link_and_is_never_loaded() -> None:
    assert (
        html_of("![a cat](https://b.org/c.png)") == f'<p><a href="https://b.org/c.png" {LINK}>a cat</a></p>'
    )
    assert html_of("![](https://b.org/c.png)") == (
        f'<p><a href="https://b.org/c.png" {LINK}>https://b.org/c.png</a></p>'
    )


def test_an_image_in_a_link_is_the_text_of_that_link() -> None:
    assert html_of("[![a cat](https://b.org/c.png)](https://d.org)") == (
        f'<p><a href="https://d.org" {LINK}>a cat</a></p>'
    )


def test_a_tag_that_is_not_allowed_is_shown() -> None:
    assert html_of("a vector<int> in a <div>") == "<p>a vector&lt;int&gt; in a &lt;div&gt;</p>"
    assert (
        html_of("<section>\n**a**\n</section>")
        == "<p>&lt;section&gt;<br>\n<strong>a</strong><br>\n&lt;/section&gt;</p>"
    )


def test_an_escaped_angle_bracket_is_one_character() -> None:
    assert html_of(r"\<div> and `<div>`") == '<p>&lt;div&gt; and <code dir="ltr">&lt;div&gt;</code></p>'


def test_details_hold_the_markdown_between_their_tags() -> None:
    [details, rest] = render("<details>\n<summary>More</summary>\n\n- **a**\n\nb\n\n</details>\n\nc")
    assert details.startswith("<details>\n<summary>More</summary>\n<ul>")
    assert details.endswith("<p>b</p>\n</details>")
    assert rest == "<p>c</p>"


def test_details_that_never_end_hold_only_their_own_block() -> None:
    assert render("<details>\n<summary>a</summary>\n\nb")[1:] == ["<p>b</p>"]


def test_a_reference_finds_its_definition_anywhere() -> None:
    blocks = render("[one][1]\n\n> [Two  Words]\n\n[1]: https://a.org\n\n[two words]: https://b.org 'T'\n")
    assert 'href="https://a.org"' in blocks[0]
    assert 'href="https://b.org"' in blocks[1]
    assert 'title="T"' in blocks[1]


def test_code_has_a_frame_with_its_language() -> None:
    assert html_of("```text\na < b\n```") == (
        '<div class="code" dir="ltr" data-language="text"><div class="code-language">text</div>'
        "<pre><code>a &lt; b\n</code></pre></div>"
    )
    assert html_of("    a\n") == '<div class="code" dir="ltr"><pre><code>a</code></pre></div>'
