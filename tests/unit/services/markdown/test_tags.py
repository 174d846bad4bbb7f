import re

import pytest

from vision_chat.services.markdown import _tags
from vision_chat.services.markdown.rendering import render


def html_of(text: str) -> str:
    return "".join(render(text))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a <b>b</b>", "<p>a <b>b</b></p>"),
        ("a <B>b</B>", "<p>a <b>b</b></p>"),
        ('a <span style="top:0">b</span>', "<p>a <span>b</span></p>"),
        ("a <b>b", "<p>a &lt;b&gt;b</p>"),
        ("a b</b>", "<p>a b&lt;/b&gt;</p>"),
        ("<b><i>a</b></i>", "<p><b>&lt;i&gt;a</b>&lt;/i&gt;</p>"),
        ("a <br> b<br/>c", "<p>a <br> b<br>c</p>"),
        ("a < b and <c>", "<p>a &lt; b and &lt;c&gt;</p>"),
        ("\\<b>a</b>", "<p>&lt;b&gt;a&lt;/b&gt;</p>"),
    ],
)
def test_a_tag_is_one_if_its_other_half_is_there(text: str, html: str) -> None:
    assert html_of(text) == html


OF_TABLES = {"caption", "col", "colgroup", "tbody", "td", "tfoot", "th", "thead", "tr"}


@pytest.mark.parametrize("name", sorted(_tags.NAMES - _tags.NOT_WRITTEN - OF_TABLES))
def test_every_tag_on_the_list_is_shown_as_one(name: str) -> None:
    assert f"<{name}" in html_of(f"<div>\n<{name}>a</{name}>\n</div>")


def test_every_part_of_a_table_is_shown_as_one() -> None:
    rows = "<thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody><tfoot><tr></tr></tfoot>"
    html = html_of(f"<table><caption>c</caption><colgroup><col></colgroup>{rows}</table>")
    assert {name for name in OF_TABLES if re.search(rf"<{name}\b", html)} == OF_TABLES


@pytest.mark.parametrize(
    ("rows", "scopes"),
    [
        ("<tr><th>a<th colspan=2>b</tr><tr><th>c</th><td>1</td><td>2</td></tr>", ["col", "col", "row"]),
        ("<thead><tr><td></td><th>a</th></tr></thead><tbody><tr><th>b<td>1</tbody>", ["col", "row"]),
        ("<TR><TH>a</TH><TD>1</TD></TR>", ["row"]),
        ('<tr><th scope="rowgroup">a</th></tr><tr><th>b</th></tr>', ["rowgroup", "col"]),
    ],
)
def test_a_header_cell_says_what_it_heads(rows: str, scopes: list[str]) -> None:
    assert re.findall(r'<th scope="(\w+)"', html_of(f"<table>{rows}</table>")) == scopes


def test_a_tag_alone_on_its_line_is_never_shown() -> None:
    assert html_of("<center>\n\n# A\n") == "<h1>A</h1>"


@pytest.mark.parametrize("end", ["</table>", "</TABLE>"])
def test_what_follows_a_table_is_markdown_again(end: str) -> None:
    assert html_of(f"<table><tr><td>a</td></tr>{end}\n**b**").endswith("<p><strong>b</strong></p>")


def test_an_end_that_html_leaves_out_is_not_missed() -> None:
    assert html_of("<ul><li>a<li>b</ul>") == "<ul><li>a</li><li>b</li></ul>"


def test_a_tag_that_is_still_open_is_shown_as_one_while_the_text_goes_on() -> None:
    assert _tags.hide_unmatched("a <b>b", is_open=True) == "a <b>b"
    assert _tags.hide_unmatched("a <b>b", is_open=False) == "a \x02b>b"


def test_tags_within_each_other_are_text_where_they_are_too_deep() -> None:
    html = html_of("<b>" * (_tags.MAX_DEPTH + 3) + "a" + "</b>" * (_tags.MAX_DEPTH + 3))
    assert html.count("<b>") == _tags.MAX_DEPTH
    assert html.count("&lt;b&gt;") == 3


@pytest.mark.parametrize(
    ("image", "html"),
    [
        ('<img src="https://a.b/c.png" alt="A cat">', ">A cat</a>"),
        ("<img src=https://a.b/c.png>", ">https://a.b/c.png</a>"),
        ('<img alt="A cat" src="data:image/png;base64,AA">', "A cat"),
    ],
)
def test_an_image_in_html_is_a_link_and_is_not_loaded(image: str, html: str) -> None:
    found = html_of(f"See {image}")
    assert html in found
    assert "<img" not in found
