"""The page of choices about an export; `tests/journeys/test_review_exports.py` downloads."""

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.support import exported, factories
from tests.support.people import granted, signed_in, staff
from vision_chat.models import AuditEntry, Conversation, ReadGrant

LIST = reverse("admin:vision_chat_conversation_changelist")
PAGE = reverse("admin:vision_chat_conversation_export")
REASON = reverse("admin:vision_chat_conversation_export_reason")


def shown(client: Client, query: dict[str, Any] | None = None) -> tuple[int, int]:
    """The numbers of what is exported and of what is left out, as the page says them."""
    response = client.get(PAGE, query or {})
    assert response.status_code == 200
    return response.context["readable"], response.context["left_out"]


@pytest.fixture
def made(owner: User) -> list[Conversation]:
    conversations = [factories.conversation(owner, title) for title in ("First", "Second", "Third")]
    for conversation in conversations:
        factories.turn(conversation)
    return conversations


@pytest.fixture
def lead(made: list[Conversation]) -> User:
    """Somebody who has given a reason to read the first one."""
    lead = staff("lead", "view_conversation")
    granted(lead, made[0])
    return lead


def test_the_page_says_how_many_may_be_read_and_writes_nothing(lead: User, made: list[Conversation]) -> None:
    client = signed_in(lead)
    text = client.get(PAGE).content.decode()

    assert shown(client) == (1, 2)
    assert "1 conversation will be exported." in " ".join(text.split())
    assert "2 more are left out" in text
    assert not [title for title in ("First", "Second") if title in text]
    assert not AuditEntry.objects.filter(action=AuditEntry.Action.EXPORTED).exists()


def test_the_list_leads_to_the_export_of_all_that_it_has(chief_client: Client, lead: User) -> None:
    factories.turn(factories.conversation(lead))
    page = chief_client.get(LIST, {"owner": "ann", "p": "0"}).content.decode()

    address = f"{PAGE}?_changelist_filters=owner%3Dann"
    assert address in page
    assert shown(signed_in(lead), {"_changelist_filters": "owner=lead"}) == (1, 0)
    assert shown(signed_in(lead), {"_changelist_filters": "owner=ann"}) == (1, 2)


def test_the_rows_that_are_ticked_lead_to_the_same_page(lead: User, made: list[Conversation]) -> None:
    client = signed_in(lead)
    ticked = {"action": "export", "_selected_action": [made[0].pk, made[1].pk]}
    some = client.post(LIST, ticked)
    everything = client.post(f"{LIST}?owner=ann", ticked | {"select_across": "1"})

    assert (some.context["readable"], some.context["left_out"]) == (1, 1)
    assert f'name="ids" value="{made[1].pk},{made[0].pk}"' in some.content.decode()
    assert (everything.context["readable"], everything.context["left_out"]) == (1, 2)
    assert everything.context["asked"].filters == "owner=ann"


def test_a_lead_exports_the_items_of_a_queue(lead: User, made: list[Conversation]) -> None:
    queue = exported.queue("Doubts")
    for conversation in made[:2]:
        assert conversation.leaf
        exported.item(queue, conversation.leaf)
    client = signed_in(lead)
    assert client.get(PAGE, {"queue": queue.pk}).status_code == 403
    User.objects.get(pk=lead.pk).user_permissions.add(*_permissions("view_queue"))

    assert shown(client, {"queue": queue.pk}) == (1, 1)
    page = client.get(PAGE, {"queue": queue.pk}).content.decode()
    assert "Doubts" in page
    assert (made[0].short_name in page, made[1].short_name in page, "Second" in page) == (False, True, False)
    link = html.unescape(re.findall(r'href="([^"]+next=[^"]+)"', page)[0])
    assert client.post(link, {"reason": "The export"}).headers["Location"] == f"{PAGE}?queue={queue.pk}"
    assert shown(client, {"queue": queue.pk}) == (2, 0)
    made[1].deleted_at = timezone.now()
    made[1].save()
    assert shown(client, {"queue": queue.pk}) == (1, 0)
    assert client.get(PAGE, {"queue": "0"}).status_code == 404


def test_one_reason_is_given_for_all_that_is_left_out(lead: User, made: list[Conversation]) -> None:
    client = signed_in(lead)
    assert client.post(REASON, {"reason": " "}).status_code == 400
    assert shown(client) == (1, 2)

    page = client.post(REASON, {"reason": "To train on it"}, follow=True)
    assert "You may read 2 more conversations now." in page.content.decode()
    assert shown(client) == (3, 0)
    given = ReadGrant.objects.filter(reason="To train on it")
    assert {grant.conversation_id for grant in given} == {made[1].pk, made[2].pk}
    written = AuditEntry.objects.filter(action="granted").values_list("conversation_id", flat=True)
    assert {made[1].pk, made[2].pk} <= set(written)


def test_one_reason_opens_the_rows_that_are_ticked_alone(lead: User, made: list[Conversation]) -> None:
    client = signed_in(lead)
    page = client.post(REASON, {"reason": "To train on it", "ids": str(made[1].pk)})

    assert (page.context["readable"], page.context["left_out"]) == (1, 0)
    assert shown(client) == (2, 1)


def _permissions(*names: str) -> Any:
    return staff("another", *names).user_permissions.all()


@pytest.mark.parametrize(
    "query", [{"queue": "x"}, {"ids": "x"}, {"_changelist_filters": "updated_at__gte=x"}], ids=str
)
def test_what_makes_no_sense_is_not_there(chief_client: Client, query: dict[str, str]) -> None:
    assert chief_client.get(PAGE, query).status_code == 404


def test_where_nothing_may_be_read_there_is_nothing_to_choose(made: list[Conversation]) -> None:
    client = signed_in(staff("new", "view_conversation"))

    assert shown(client) == (0, 3)
    assert "export-form" not in client.get(PAGE).content.decode()


def test_nobody_else_gets_to_the_page(db: None) -> None:
    for person in (staff("helper"), staff("reviewer", "work_reviewitem")):
        assert signed_in(person).get(PAGE).status_code == 403
