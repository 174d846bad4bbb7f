"""The list of conversations is read off an index, and counted no further than it has to be."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.support import factories
from vision_chat.admin.parts import paginator
from vision_chat.services.reviews import positions, queries

pytestmark = pytest.mark.each_database

LIST = reverse("admin:vision_chat_conversation_changelist")
OFF = ("seqscan", "sort", "incremental_sort", "hashjoin", "mergejoin", "bitmapscan")


def plan(sql: str) -> str:
    """How the database goes about it; PostgreSQL as if the tables were large."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for name in OFF:
                cursor.execute(f"SET enable_{name} = off")
            cursor.execute(f"EXPLAIN {sql}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


@pytest.mark.parametrize(
    "query",
    [
        *({"o": f"{sign}{column}"} for column in (3, 5, 6, 7, 8, 9) for sign in ("", "-")),
        {},
        {"verdict": "none"},
        {"errors": "yes"},
        {"images": "no"},
        {"bad_answers": "no"},
        {"open_reports": "no"},
    ],
    ids=str,
)
def test_rows_come_off_an_index_in_their_order(
    chief_client: Client, owner: User, query: dict[str, str]
) -> None:
    factories.turn(factories.conversation(owner))
    with CaptureQueriesContext(connection) as captured:
        chief_client.get(LIST, query)
    (rows,) = [each["sql"] for each in captured if "shown_title" in each["sql"] and "ORDER BY" in each["sql"]]

    assert not any(step in plan(rows).upper() for step in ("TEMP B-TREE", "SORT"))


def test_a_long_list_says_more_than_instead_of_a_number_and_has_further_pages(
    chief_client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (paginator, positions, queries):
        monkeypatch.setattr(module, "MOST", 3)
    monkeypatch.setattr(queries.counted, "__defaults__", (3,))
    monkeypatch.setattr("vision_chat.admin.conversations.admin.ConversationAdmin.list_per_page", 2)
    made = [factories.conversation(owner, days_ago=day) for day in range(6)]
    pages = [chief_client.get(LIST, {"p": number}) for number in ("1", "2", "3")]
    places = [
        " ".join(chief_client.get(f"{LIST}{made[number].pk}/change/").content.decode().split())
        for number in (1, 4)
    ]

    assert [page.context["cl"].more_than for page in pages] == [3, 4, None]
    assert "More than 3 conversations" in pages[0].content.decode()
    assert "6 conversations" in " ".join(pages[2].content.decode().split())
    assert "2 of more than 3" in places[0]
    assert "Beyond the first 3" in places[1]
