"""Values that only a database refuses lead to the list without them, and never to an error of the server."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.support import factories
from vision_chat.admin.parts.filtered_lists import FILTERS

pytestmark = [
    pytest.mark.each_database,
    pytest.mark.django_db(transaction=True),  # PostgreSQL ends a transaction in which it refuses something
    pytest.mark.usefixtures("reading_without_reasons"),
]

HUGE = "9" * 30
QUERIES = [
    ("vision_chat_conversation", f"owner_id__in={HUGE}"),
    ("vision_chat_conversation", "figures__last_activity__year=99999999999999"),
    ("vision_chat_reviewitem", f"person={HUGE}"),
    ("vision_chat_reviewitem", f"pk__in={HUGE}"),
    ("vision_chat_auditentry", f"person={HUGE}"),
    ("vision_chat_auditentry", "at__year=99999999999"),
    ("auth_user", f"id__in={HUGE}"),
]


def test_a_list_is_shown_whatever_its_address_asks_for(chief_client: Client) -> None:
    for model, query in QUERIES:
        address = reverse(f"admin:{model}_changelist")
        response = chief_client.get(f"{address}?{query}")
        if response.status_code == 302:
            assert response.headers["Location"] == f"{address}?e=1"
            response = chief_client.get(response.headers["Location"])
        assert response.status_code == 200, query


def test_pages_that_come_from_such_a_list_are_shown(chief_client: Client, owner: User) -> None:
    stairs = factories.conversation(owner)
    factories.turn(stairs)
    page = reverse("admin:vision_chat_conversation_change", args=[stairs.pk])
    for _, query in QUERIES[:2]:
        assert chief_client.get(page, {FILTERS: query}).status_code == 200


def test_numbers_of_thousands_of_digits_are_those_of_no_row(chief_client: Client) -> None:
    digits = "9" * 5000
    people = reverse("admin:auth_user_changelist")
    assert chief_client.get(f"{people}{digits}/password/").status_code == 404
    sent = {"kind": "failed", "value": "", "since": "2020-01-01T00:00", "queue": digits}
    assert chief_client.post(reverse("admin:vision_chat_queue_count"), sent).status_code == 200
