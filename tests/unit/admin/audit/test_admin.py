"""The audit log in the admin: it can be read, by those who may, and by nobody changed."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.support import factories
from tests.support.audit_log import fill
from tests.support.people import granted, signed_in, staff
from vision_chat.models import AuditEntry, AuditName, Conversation
from vision_chat.services import audit
from vision_chat.services.audit import triggers
from vision_chat.services.reviews.queries import MOST

pytestmark = pytest.mark.each_database
LIST = reverse("admin:vision_chat_auditentry_changelist")
Action = AuditEntry.Action


@pytest.fixture
def auditor(db: None) -> Client:
    return signed_in(staff("auditor", "view_auditentry"))


@pytest.fixture
def stairs(chief: User, owner: User) -> Conversation:
    """A conversation that was read, in a log in which there is more."""
    conversation = factories.conversation(owner, "Secret stairs")
    audit.record(Action.GRANTED, chief, conversation=conversation, details={"grant": 1, "minutes": 60})
    audit.opened(chief, conversation)
    rights = {"added": ["administrator", "group: Leads"], "removed": ["staff"]}
    audit.record(Action.RIGHTS, chief, subject=owner, details=rights)
    return conversation


def rows(client: Client, **query: str) -> list[tuple[str, ...]]:
    response = client.get(LIST, query)
    assert response.status_code == 200
    changes = response.context["cl"]
    columns = ("who", "what", "whose", "more")
    return [
        tuple(str(getattr(changes.model_admin, column)(row)) for column in columns)
        for row in changes.result_list
    ]


def test_the_list_says_who_did_what_and_whose_it_was(auditor: Client, stairs: Conversation) -> None:
    chief = '<span class="narrow-label">Who</span> <bdi>chief</bdi>'
    ann = '<span class="narrow-label">Whose</span> <bdi>ann</bdi>'

    assert rows(auditor) == [
        (chief, "Changed rights", ann, "Added: administrator, group: Leads; removed: staff"),
        (chief, "Opened a conversation", ann, ""),
        (chief, "Gave a reason to read", ann, "For 60 minutes"),
    ]
    assert "<bdi>Opened a conversation</bdi>" in auditor.get(LIST).content.decode()
    assert "Secret" not in auditor.get(LIST).content.decode()


def test_a_conversation_is_a_link_as_long_as_it_is_there_for_those_who_may_see_its_page(
    auditor: Client, chief_client: Client, stairs: Conversation
) -> None:
    address = reverse("admin:vision_chat_conversation_change", args=[stairs.pk])
    assert address in chief_client.get(LIST).content.decode()
    assert address not in auditor.get(LIST).content.decode()
    short = str(stairs.pk)[:8]
    stairs.delete()

    page = chief_client.get(LIST).content.decode()
    assert address not in page
    assert short in auditor.get(LIST).content.decode()


def test_details_name_reasons_people_and_filters(auditor: Client, chief: User, owner: User) -> None:
    ladder = factories.conversation(owner, "Ladder")
    grant = granted(chief, ladder, reason="A picture was reported")
    audit.record(Action.GRANTED, chief, conversation=ladder, details={"grant": grant.pk, "minutes": 60})
    for key in (owner.pk, 0):
        audit.record(Action.ASSIGNED, chief, conversation=ladder, details={"item": 7, "person": key})
    filters = ["bad_answers", "figures__last_activity__gte", "figures__last_activity__lt", "q"]
    audit.record(Action.EXPORTED, chief, conversation=ladder, details={"number": 1, "filters": filters})

    told = [more.translate({0x2068: None, 0x2069: None}) for *_, more in rows(auditor)]
    assert told == [
        "Number: 1; filtered by bad answers, last activity, words",
        "Item 7; for a deleted person",
        "Item 7; for ann",
        "For 60 minutes; “A picture was reported”",
    ]
    grant.delete()
    assert rows(auditor)[-1][-1] == "For 60 minutes"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"q": "ann"}, 3),
        ({"q": "CHIE"}, 3),
        ({"q": "nobody"}, 0),
        ({"action__exact": "opened"}, 1),
        ({"person": "0"}, 0),
        ({"person": "nonsense"}, 0),
        ({"at__gte": "2999-01-01 00:00:00+00:00"}, 0),
        ({"at__gte": "2001-01-01 00:00:00+00:00", "at__lt": "2999-01-01 00:00:00+00:00"}, 3),
    ],
)
def test_it_is_searched_and_filtered(
    auditor: Client, stairs: Conversation, query: dict[str, str], count: int
) -> None:
    assert len(rows(auditor, **query)) == count


def test_days_are_found_by_the_numbers_of_their_entries(auditor: Client, stairs: Conversation) -> None:
    early = AuditEntry.objects.get(sequence=1)
    triggers.remove()
    for number in (1, 2):
        AuditEntry.objects.filter(sequence=number).update(at=early.at - timedelta(days=9 - number))
    until = (early.at - timedelta(days=7)).isoformat()
    with CaptureQueriesContext(connection) as queries:
        found = rows(auditor, at__gte=(early.at - timedelta(days=8)).isoformat(), at__lt=until)

    assert [what for _, what, *_ in found] == ["Gave a reason to read"]
    pages = [
        query["sql"]
        for query in queries
        if 'ORDER BY "vision_chat_auditentry"."sequence" DESC' in query["sql"]
    ]
    assert pages
    assert not [sql for sql in pages if '"at" >=' in sql]


def test_a_conversation_is_found_by_its_id_and_a_person_by_their_name(
    auditor: Client, stairs: Conversation
) -> None:
    assert len(rows(auditor, q=str(stairs.pk))) == 2
    assert len(rows(auditor, person=str(AuditName.objects.get(name="chief").pk))) == 3


def test_a_page_of_it_takes_as_many_queries_as_an_empty_one(
    auditor: Client, chief: User, owner: User
) -> None:
    counts = []
    for more in (1, 30):
        fill(chief, owner, more)
        with CaptureQueriesContext(connection) as queries:
            auditor.get(LIST)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 12


def test_a_long_log_is_not_counted_to_its_end(auditor: Client, chief: User, owner: User) -> None:
    fill(chief, owner, 1)
    assert "1 entry of the audit log" in " ".join(auditor.get(LIST).content.decode().split())
    fill(chief, owner, MOST + 100)
    with CaptureQueriesContext(connection) as queries:
        page = " ".join(auditor.get(LIST, {"p": "2"}).content.decode().split())

    assert f"More than {MOST:,} entries" in page
    assert len(queries) <= 12


def test_an_entry_has_a_page_with_its_hash(auditor: Client, stairs: Conversation) -> None:
    entry = AuditEntry.objects.order_by("sequence").last()
    assert entry
    page = auditor.get(reverse("admin:vision_chat_auditentry_change", args=[entry.pk])).content.decode()

    assert entry.hash in page
    assert ">History<" not in page
    assert 'name="_save"' not in page


def test_nobody_can_change_it(chief_client: Client, stairs: Conversation) -> None:
    before = list(AuditEntry.objects.values_list("hash", flat=True))
    pk = AuditEntry.objects.values_list("pk", flat=True)[0]
    for path in ("add/", f"{pk}/change/", f"{pk}/delete/"):
        assert chief_client.post(f"{LIST}{path}", {"post": "yes"}).status_code == 403
    sent = {"action": "delete_selected", "_selected_action": [pk], "post": "yes"}
    chief_client.post(LIST, sent)

    assert list(AuditEntry.objects.values_list("hash", flat=True)) == before


def test_without_the_right_it_is_neither_shown_nor_linked(reader: User, auditor: Client) -> None:
    client = signed_in(reader)

    assert client.get(LIST).status_code == 403
    assert "Audit log" not in client.get("/admin/").content.decode()
    assert ">Audit log</a>" in auditor.get("/admin/").content.decode()
