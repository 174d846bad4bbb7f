"""The way through a list: which conversation is next, and which one of how many this is."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.support import factories
from vision_chat.models import Conversation

pytestmark = [pytest.mark.each_database, pytest.mark.usefixtures("reading_without_reasons")]

LIST = reverse("admin:vision_chat_conversation_changelist")


def address(conversation: Conversation, **filters: str) -> str:
    """The page of the conversation, as the list with these filters links to it."""
    url = reverse("admin:vision_chat_conversation_change", args=[conversation.pk])
    return f"{url}?{urlencode({'_changelist_filters': urlencode(filters)})}" if filters else url


def steps(client: Client, url: str) -> tuple[str, int | None, int, str]:
    context: Any = client.get(url).context
    return context["previous_url"], context["position"].number, context["position"].total, context["next_url"]


@pytest.fixture
def of_days(owner: User) -> list[Conversation]:
    """Seven, the latest first; every other one has a good verdict."""
    conversations = [factories.conversation(owner, f"{day} days ago", days_ago=day) for day in range(7)]
    for conversation in conversations[::2]:
        factories.review(conversation, verdict="good")
    return conversations


def test_without_filters_the_way_leads_through_all_conversations(
    chief_client: Client, of_days: list[Conversation]
) -> None:
    assert steps(chief_client, address(of_days[0])) == ("", 1, 7, address(of_days[1]))
    assert steps(chief_client, address(of_days[2])) == (address(of_days[1]), 3, 7, address(of_days[3]))
    assert steps(chief_client, address(of_days[6])) == (address(of_days[5]), 7, 7, "")
    assert "3 of 7" in " ".join(chief_client.get(address(of_days[2])).content.decode().split())


@pytest.mark.parametrize(
    "filters",
    [
        {"verdict": "none"},
        {"verdict": "none", "owner": "ann"},
        {"verdict": "none", "o": "-5", "p": "2", "_facets": "True"},
    ],
    ids=str,
)
def test_the_way_stays_within_the_filtered_list_and_carries_it(
    chief_client: Client, of_days: list[Conversation], filters: dict[str, str]
) -> None:
    before, here, after = (address(of_days[day], **filters) for day in (1, 3, 5))

    assert steps(chief_client, here) == (before, 2, 3, after)
    page = chief_client.get(here).content.decode()
    assert f'href="{LIST}?{urlencode(filters)}"'.replace("&", "&amp;") in page


def test_the_way_follows_the_search_and_the_order_of_the_list(
    chief_client: Client, of_days: list[Conversation]
) -> None:
    filters = {"q": "days", "o": "2"}
    factories.index(*of_days)

    assert steps(chief_client, address(of_days[1], **filters)) == (
        address(of_days[0], **filters),
        2,
        7,
        address(of_days[2], **filters),
    )


def test_a_conversation_from_a_search_knows_the_message_with_the_words(
    chief_client: Client, owner: User
) -> None:
    stairs = factories.conversation(owner)
    answer = factories.turn(stairs, text="Which is it?", answer="The Spanish Steps.")
    factories.index(stairs)

    def hit(**filters: str) -> object:
        context: Any = chief_client.get(address(stairs, **filters)).context
        return context["hit_id"]

    assert hit(q="spanish") == answer.pk
    assert hit(q="which") == answer.parent_id
    assert hit(q="elephants") is hit(verdict="none") is hit() is None


def test_saved_and_next_opens_what_followed_although_the_list_has_changed_by_it(
    chief_client: Client, of_days: list[Conversation]
) -> None:
    filters = {"verdict": "none"}

    response = chief_client.post(address(of_days[3], **filters), {"verdict": "good", "_next": ""})

    assert response.headers["Location"] == address(of_days[5], **filters)
    assert steps(chief_client, address(of_days[5], **filters)) == (
        address(of_days[1], **filters),
        2,
        2,
        "",
    )


def test_saved_and_next_knows_what_followed_where_the_verdict_is_the_order(
    chief_client: Client, of_days: list[Conversation]
) -> None:
    filters = {"o": "3.-5"}  # by verdict: those without one come first
    expected = address(of_days[3], **filters)
    assert steps(chief_client, address(of_days[1], **filters))[3] == expected

    response = chief_client.post(address(of_days[1], **filters), {"verdict": "harmful", "_next": ""})

    assert response.headers["Location"] == expected


def test_after_the_last_one_saved_and_next_leads_back_to_the_list(
    chief_client: Client, of_days: list[Conversation]
) -> None:
    filters = {"verdict": "none"}
    response = chief_client.post(
        address(of_days[5], **filters), {"verdict": "flawed", "_next": ""}, follow=True
    )

    assert response.redirect_chain[0][0] == f"{LIST}?verdict=none"
    page = response.content.decode()
    assert "Your review of “5 days ago” was saved. It was the last one in this list." in page


def test_a_conversation_that_has_left_the_list_still_has_its_neighbours(
    chief_client: Client, of_days: list[Conversation]
) -> None:
    filters = {"verdict": "none"}
    factories.review(of_days[3], verdict="flawed")  # by somebody else meanwhile

    here = address(of_days[3], **filters)

    assert steps(chief_client, here) == (
        address(of_days[1], **filters),
        None,
        2,
        address(of_days[5], **filters),
    )
    assert "Not in this list of 2" in " ".join(chief_client.get(here).content.decode().split())


@pytest.mark.django_db(transaction=True)  # an error of the database ends a transaction of PostgreSQL
@pytest.mark.parametrize(
    "filters",
    [
        {"updated_at__year": "MMXXVI"},
        {"updated_at__gte": "soon"},
        {"verdict": "splendid"},
        {"o": "99.x"},
        {"p": "elephants"},
        {"owner": "\0"},
        {"q": "\0"},
        {"model": "\0"},
        {"title__regex": "("},
        {"owner__id__exact": "9" * 30},
    ],
    ids=str,
)
def test_filters_that_make_no_sense_keep_nobody_from_reading(
    chief_client: Client, of_days: list[Conversation], filters: dict[str, str]
) -> None:
    assert chief_client.get(address(of_days[3], **filters)).status_code == 200


@pytest.mark.parametrize("query", ["_changelist_filters=%3F%3D%26&x=1", "_changelist_filters=" + "a" * 3000])
def test_a_list_that_there_is_not_keeps_nobody_from_reading(
    chief_client: Client, of_days: list[Conversation], query: str
) -> None:
    assert chief_client.get(f"{address(of_days[3])}?{query}").status_code in {200, 400}


def test_the_place_in_the_list_costs_the_same_queries_however_long_that_is(
    chief_client: Client, owner: User, of_days: list[Conversation]
) -> None:
    url = address(of_days[3], verdict="none", owner="ann")
    steps(chief_client, url)  # opened for the first time, which the audit log is told
    with CaptureQueriesContext(connection) as among_seven:
        steps(chief_client, url)
    for day in range(20):
        factories.conversation(owner, f"more {day}", days_ago=day)
    with CaptureQueriesContext(connection) as among_more:
        steps(chief_client, url)

    assert len(among_more) == len(among_seven)


@pytest.mark.parametrize("pk", ["1", "b0a1a0a0-0000-4000-8000-000000000000", "x"])
def test_a_conversation_that_is_not_there_leads_back_to_the_list(
    chief_client: Client, db: None, pk: str
) -> None:
    url = reverse("admin:vision_chat_conversation_change", args=[pk])

    response = chief_client.get(f"{url}?_changelist_filters=verdict%3Dnone", follow=True)

    assert response.redirect_chain == [(f"{LIST}?verdict=none", 302)]
    assert "This conversation no longer exists." in response.content.decode()


def test_a_deletion_leads_back_to_the_list_it_came_from(
    chief_client: Client, of_days: list[Conversation]
) -> None:
    url = reverse("admin:vision_chat_conversation_delete", args=[of_days[3].pk])

    response = chief_client.post(f"{url}?_changelist_filters=verdict%3Dnone", {"post": "yes"})

    assert response.headers["Location"] == f"{LIST}?verdict=none"
