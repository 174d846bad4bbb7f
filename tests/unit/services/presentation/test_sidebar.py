from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.utils import timezone

from tests.support import factories
from vision_chat.models import Conversation
from vision_chat.services.presentation.sidebar import PAGE_SIZE, conversation_updated, day_label, sidebar_for

pytestmark = pytest.mark.each_database

TODAY = date(2026, 3, 15)


@pytest.mark.parametrize(
    ("days_ago", "label"),
    [
        (-1, "Today"),  # a clock that was put back
        (0, "Today"),
        (1, "Yesterday"),
        (2, "Previous 7 days"),
        (6, "Previous 7 days"),
        (7, "March 2026"),
        (15, "February 2026"),
        (400, "February 2025"),
    ],
)
def test_a_day_is_called_as_people_call_it(days_ago: int, label: str) -> None:
    assert day_label(TODAY - timedelta(days=days_ago), TODAY) == label


def test_conversations_stand_by_day_the_latest_first(ann: User) -> None:
    for title, days_ago in (("old", 1), ("older", 3), ("new", 0), ("older still", 4)):
        factories.conversation(ann, title, days_ago=days_ago)
    groups = sidebar_for(ann).groups

    assert [group.label for group in groups] == ["Today", "Yesterday", "Previous 7 days"]
    assert [[shown.title for shown in group.conversations] for group in groups] == [
        ["new"],
        ["old"],
        ["older", "older still"],
    ]


def test_days_begin_at_midnight_where_the_server_is(ann: User) -> None:
    with timezone.override("Pacific/Kiritimati"):
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        for title, moment in (("after", midnight), ("before", midnight - timedelta(microseconds=1))):
            Conversation.objects.create(owner=ann, title=title, updated_at=moment)
        labels = {group.conversations[0].title: group.label for group in sidebar_for(ann).groups}

    assert labels == {"after": "Today", "before": "Yesterday"}


def test_pages_follow_each_other_without_a_gap(ann: User) -> None:
    moment = timezone.now()
    Conversation.objects.bulk_create(
        Conversation(owner=ann, title=str(number), updated_at=moment - timedelta(microseconds=number))
        for number in range(PAGE_SIZE * 2 + 1)
    )
    titles, before = [], None
    for _ in range(3):
        page = sidebar_for(ann, before)
        titles += [shown.title for group in page.groups for shown in group.conversations]
        before = datetime.fromisoformat(page.before) if page.before else None

    assert titles == [str(number) for number in range(PAGE_SIZE * 2 + 1)]
    assert before is None


def test_a_full_page_that_is_the_last_leads_nowhere(ann: User) -> None:
    for number in range(PAGE_SIZE):
        factories.conversation(ann, days_ago=number)
    assert sidebar_for(ann).before == ""


def test_the_list_costs_one_query(ann: User, django_assert_num_queries: object) -> None:
    for _ in range(5):
        factories.conversation(ann)
    assert callable(django_assert_num_queries)
    with django_assert_num_queries(1):
        for group in sidebar_for(ann).groups:
            assert [shown.title for shown in group.conversations]


def test_the_open_conversation_is_beyond_a_page_that_lacks_it(
    ann: User, stranger: User, django_assert_num_queries: object
) -> None:
    rows = [factories.conversation(ann, str(number), days_ago=number) for number in range(PAGE_SIZE + 2)]
    foreign = factories.conversation(stranger, days_ago=100)
    assert callable(django_assert_num_queries)
    for open_id, queries, beyond in (
        (rows[0].pk, 1, []),
        (rows[-1].pk, 2, [str(PAGE_SIZE + 1)]),
        (foreign.pk, 2, []),
    ):
        with django_assert_num_queries(queries):
            page = sidebar_for(ann, open_id=open_id)
        assert [item.title for group in page.beyond for item in group.conversations] == beyond
        assert sum(len(group.conversations) for group in page.groups) == PAGE_SIZE


def test_the_open_conversation_is_never_beyond_the_last_page(ann: User) -> None:
    old = factories.conversation(ann, days_ago=9)
    assert sidebar_for(ann, old.updated_at, open_id=old.pk).beyond == []


def test_conversation_updated_brings_the_item_that_a_freshly_opened_page_has(ann: User) -> None:
    conversation = factories.conversation(ann, "Stairs & <b>ladders</b>")
    event = conversation_updated(conversation)

    assert (event.conversation_id, event.title) == (str(conversation.pk), "Stairs & <b>ladders</b>")
    assert f'href="/c/{conversation.pk}/"' in event.html
    assert f'data-updated="{conversation.updated_stamp}"' in event.html
    assert "Stairs &amp; &lt;b&gt;ladders&lt;/b&gt;</span></a>" in event.html
    assert event.html.strip() in render_to_string(
        "_conversation_list.html", {"sidebar": sidebar_for(ann).groups}
    )
