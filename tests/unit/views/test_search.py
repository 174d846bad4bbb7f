"""The results of a search, as a part of the page."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support import factories
from tests.support.client import Browser
from vision_chat.models import Message
from vision_chat.services.search.index import index_messages

pytestmark = pytest.mark.each_database


def said(owner: User, text: str = "What is this?", answer: str = "A staircase.", title: str = "") -> Message:
    reply = factories.turn(factories.conversation(owner, title), text=text, answer=answer)
    factories.index(reply.conversation)
    return reply


def search(browser: Browser, **values: str) -> httpx.Response:
    return browser.get(f"/search/?{urlencode(values)}")


def hrefs(response: httpx.Response) -> list[str]:
    assert response.status_code == 200
    assert response.text.count("data-result") == response.text.count("<li")
    return [href.replace("&amp;", "&") for href in re.findall(r'href="([^"]+)"', response.text)]


def test_a_result_leads_to_its_message_and_marks_the_words(browser: Browser, ann: User) -> None:
    reply = said(ann, answer="A <b>staircase</b> & more.", title="<i>Rome</i>")
    response = search(browser, q="stair")

    assert hrefs(response) == [f"/c/{reply.conversation_id}/?message={reply.pk}#message-{reply.pk}"]
    assert "A &lt;b&gt;<mark>staircase</mark>&lt;/b&gt; &amp; more." in response.text
    assert "&lt;i&gt;Rome&lt;/i&gt;" in response.text
    assert "Answer" in response.text
    assert "<html" not in response.text
    assert response.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")


def test_a_result_that_is_a_title_leads_to_its_conversation(browser: Browser, ann: User) -> None:
    reply = said(ann, title="Stairs in Rome")
    response = search(browser, q="rome")

    assert hrefs(response) == [f"/c/{reply.conversation_id}/"]
    assert "Stairs in <mark>Rome</mark>" in response.text
    assert "Title" in response.text


def test_without_a_query_the_list_is_empty(browser: Browser, ann: User) -> None:
    said(ann)
    for values in ({}, {"q": ""}, {"q": "  "}):
        response = search(browser, **values)
        assert hrefs(response) == []
        assert '<ol class="results">' in response.text


def test_a_query_that_finds_nothing_says_so(browser: Browser, ann: User) -> None:
    said(ann)
    response = search(browser, q="<b>elephant")

    assert hrefs(response) == []
    assert '<p class="results-none">No results for “&lt;b&gt;elephant”.</p>' in response.text
    assert "<ol" not in response.text


def test_filters_leave_what_meets_them(browser: Browser, ann: User) -> None:
    plain, shown = said(ann), said(ann)
    factories.attach(shown, factories.image(ann))
    index_messages([shown.pk])
    Message.objects.filter(pk=plain.pk).update(created_at=timezone.now() - timedelta(days=2))
    today = timezone.localdate().isoformat()

    assert len(hrefs(search(browser, q="staircase", since="", pictures=""))) == 2
    assert len(hrefs(search(browser, q="staircase", since=today))) == 1
    assert len(hrefs(search(browser, q="staircase", pictures="1"))) == 1
    assert len(hrefs(search(browser, q="staircase", since="2001-01-01", pictures="1"))) == 1
    assert len(hrefs(search(browser, q="what", pictures="1"))) == 0


@pytest.mark.parametrize(
    "values",
    [{"q": "x" * 201}, {"q": "x", "since": "yesterday"}, {"q": "x", "since": "2026-02-31"}],
    ids=["too long", "no date", "no such day"],
)
def test_a_search_for_what_cannot_be_is_refused_with_a_sentence(
    browser: Browser, values: dict[str, str]
) -> None:
    response = search(browser, **values)

    assert response.status_code == 400
    assert response.headers["Content-Type"].startswith("text/plain")
    assert len(response.text.split()) > 2


@pytest.mark.parametrize(
    "values", [{"q": "a\0b"}, {"q": "x", "since": "0001-01-01"}, {"q": "x", "since": "9999-12-31"}], ids=str
)
def test_an_odd_search_is_answered(browser: Browser, values: dict[str, str]) -> None:
    assert search(browser, **values).status_code in {200, 400}


def test_nobody_elses_words_are_results(
    browser: Browser, ann: User, stranger: User, open_browser: Callable[[User], Browser]
) -> None:
    reply = said(stranger, answer="A secret staircase.", title="Secret plan")

    for query in ("secret", "plan", "staircase", "s", f"@{stranger.pk}"):
        assert hrefs(search(browser, q=query)) == []
    assert hrefs(search(open_browser(stranger), q="secret")) == [
        f"/c/{reply.conversation_id}/?message={reply.pk}#message-{reply.pk}"
    ]


def test_a_page_for_a_message_of_another_branch_asks_for_that_branch(browser: Browser, ann: User) -> None:
    first = said(ann)
    assert first.parent is not None
    second = factories.reply(first.parent, "A ladder.")
    address = f"/c/{first.conversation_id}/"
    other = said(ann)

    page = browser.get(f"{address}?message={first.pk}").text
    assert f'data-message="{first.pk}"' in page
    assert "This message is in another version" in page
    assert "A ladder." in page
    assert "A staircase." not in page
    for number in (second.pk, first.parent_id, other.pk, 0, "9" * 40, "x", ""):
        assert "<show-message" not in browser.get(f"{address}?message={number}").text
