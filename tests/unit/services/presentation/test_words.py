"""A person's words as HTML."""

import re

import pytest

from vision_chat.services.addresses import MAX_LENGTH
from vision_chat.services.presentation.words import words_html

ADDRESSES = {
    "see https://example.org/day?d=5&lang=en.": {"https://example.org/day?d=5&lang=en"},
    "HTTP://EXAMPLE.ORG and www.example.org!": {"HTTP://EXAMPLE.ORG", "https://www.example.org"},
    "(see https://example.org/a_(b))": {"https://example.org/a_(b)"},
    '"https://example.org", <https://example.org/b>': {"https://example.org", "https://example.org/b"},
    "info@example.org, first.last+tag@mail.example.org.": {
        "mailto:info@example.org",
        "mailto:first.last+tag@mail.example.org",
    },
    "详见https://example.org/zh。谢谢": {"https://example.org/zh"},
    "「https://example.org/ja」です": {"https://example.org/ja"},
    "https://example.org/ko에서": {"https://example.org/ko"},
    "راجع https://example.org/ar؟ و www.example.org،": {"https://example.org/ar", "https://www.example.org"},
    "«https://example.org/nb–no»": {"https://example.org/nb"},
    "https://hi.example.org/हिन्दी": {"https://hi.example.org/हिन्दी"},
    "javascript:alert(1) data:text/html,x ftp://example.org": set(),
    "https:// www. a@b name@host 5@7.5 xhttps://example.org": set(),
}


@pytest.mark.parametrize("text", ADDRESSES)
def test_addresses_are_links_and_end_where_the_sentence_goes_on(text: str) -> None:
    found = re.findall(r'<a href="([^"]+)"', words_html(text))

    assert {address.replace("&amp;", "&") for address in found} == ADDRESSES[text]


@pytest.mark.parametrize("text", [*ADDRESSES, "a poem\nof two lines\n\n  and <b>\"three\"</b> & 'four'"])
def test_words_are_kept_to_the_letter(text: str) -> None:
    html = re.sub(r"</?a\b[^>]*>", "", words_html(text))
    entities = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'", "&amp;": "&"}

    assert re.sub("|".join(entities), lambda match: entities[match[0]], html) == text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_every_line_end_is_one_that_browsers_know(end: str) -> None:
    assert words_html(f"roses{end}violets{end}{end}www.example.org{end}").count("\n") == 4


def test_a_link_tells_nothing_to_where_it_leads_and_is_read_from_left_to_right() -> None:
    assert words_html("www.example.org") == (
        '<a href="https://www.example.org" target="_blank" rel="noopener noreferrer nofollow" dir="ltr">'
        "www.example.org</a>"
    )


def test_markup_in_an_address_cannot_leave_its_attribute() -> None:
    html = words_html("https://example.org/'onclick='x &quot;<script>")

    assert "<script" not in html
    assert 'href="https://example.org/&#x27;onclick=&#x27;x"' in html


def test_an_endless_address_stays_text() -> None:
    text = f"https://{'a' * MAX_LENGTH}"

    assert words_html(text) == text
