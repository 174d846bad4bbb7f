from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.support import factories
from tests.support.people import signed_in, staff
from vision_chat.admin.conversations.filters import OwnerFilter
from vision_chat.models import Conversation, Review
from vision_chat.models.generation import Status
from vision_chat.services.reviews.searching import MAX_WORDS

pytestmark = [pytest.mark.each_database, pytest.mark.usefixtures("reading_without_reasons")]

LIST = reverse("admin:vision_chat_conversation_changelist")


def titles(client: Client, **query: str) -> list[str]:
    response = client.get(LIST, query)
    assert response.status_code == 200
    return [conversation.title for conversation in response.context["cl"].result_list]


def cells(client: Client, conversation: Conversation) -> dict[str, str]:
    """The row's text by column."""
    model_admin = client.get(LIST).context["cl"].model_admin
    row = model_admin.get_queryset(client.get(LIST).wsgi_request).get(pk=conversation.pk)
    return {
        name: str(getattr(model_admin, name)(row))
        for name in model_admin.list_display
        if name not in {"picture", "last_activity"}
    }


def test_the_list_shows_the_figures_of_each_conversation(chief_client: Client, owner: User) -> None:
    stairs = factories.conversation(owner)
    first = factories.turn(stairs, prompt_tokens=1600, completion_tokens=40, usd_spent=Decimal("0.001"))
    second = factories.turn(stairs, prompt_tokens=1700, completion_tokens=None, usd_spent=Decimal("0.002"))
    shared, other = factories.image(owner), factories.image(owner)
    for answer in (first, second):
        assert answer.parent
        factories.attach(answer.parent, shared)
    factories.attach(first, other)
    factories.review(stairs, verdict=Review.Verdict.HARMFUL)
    factories.review(stairs, verdict=Review.Verdict.GOOD)

    assert cells(chief_client, stairs) == {
        "title_shown": "Stairs",
        "verdict": '<span class="verdict" data-verdict="good">Good</span>',
        "owner_name": '<a href="?owner=ann" title="All conversations by ann"><bdi>ann</bdi></a>',
        "message_count": "4",
        "image_count": "2",
        "tokens": "3,340",
        "cost": "$0.003000",
    }


def test_a_message_that_waits_counts_for_nothing_and_is_not_found(chief_client: Client, owner: User) -> None:
    reply = factories.turn(factories.conversation(owner))
    factories.waiting_for(reply, "Unsent words", factories.image(owner))
    found = chief_client.get(LIST, {"q": "Unsent"}).context["cl"].result_list
    with_images = chief_client.get(LIST, {"images": "yes"}).context["cl"].result_list

    figures = cells(chief_client, reply.conversation)
    assert (figures["message_count"], figures["image_count"]) == ("2", "0")
    assert list(found) == list(with_images) == []


def test_a_figure_that_no_endpoint_told_is_shown_as_unknown_and_not_as_nothing(
    chief_client: Client, owner: User
) -> None:
    stairs = factories.conversation(owner, title="")
    factories.turn(stairs)

    shown = cells(chief_client, stairs)

    assert (shown["tokens"], shown["cost"]) == ("None", "None")
    assert shown["title_shown"] == "Untitled conversation"
    assert ">Not reviewed<" in shown["verdict"]


def test_a_row_begins_with_the_first_picture_of_the_conversation_and_costs_no_query_for_it(
    chief_client: Client, owner: User
) -> None:
    first, second = factories.image(owner), factories.image(owner)
    stairs = factories.conversation(owner)
    factories.attach(factories.turn(stairs), second)
    assert stairs.leaf
    assert stairs.leaf.parent
    factories.attach(stairs.leaf.parent, first)

    page = chief_client.get(LIST).content.decode()

    assert f'src="/images/{first.pk}/thumbnail/"' in page
    assert f"{second.pk}" not in page


def test_a_conversation_without_a_picture_has_nothing_in_its_place(chief_client: Client, owner: User) -> None:
    factories.turn(factories.conversation(owner))

    assert '<td class="field-picture"></td>' in chief_client.get(LIST).content.decode()


def test_what_a_reviewer_decides_by_stands_first(chief_client: Client) -> None:
    columns = chief_client.get(LIST).context["cl"].list_display

    assert columns[1:6] == ["picture", "title_shown", "verdict", "owner_name", "last_activity"]


def fill(owner: User, count: int) -> None:
    for number in range(count):
        person = User.objects.create_user(f"person {number} of {count}")
        stairs = factories.conversation(person, title=f"{number}")
        answer = factories.turn(
            stairs, status=Status.FAILED, model_name=f"model {number}", usd_spent=Decimal(1)
        )
        factories.attach(answer, factories.image(person), factories.image(person))
        factories.index(stairs)
        factories.review(stairs, verdict=Review.Verdict.GOOD, author=owner)


@pytest.mark.parametrize(
    "query", [{}, {"q": "what"}, {"o": "-8.7"}, {"errors": "yes", "_facets": "True"}], ids=str
)
def test_the_list_costs_as_many_queries_for_twelve_conversations_as_for_two(
    chief_client: Client, owner: User, query: dict[str, str]
) -> None:
    fill(owner, 2)
    with CaptureQueriesContext(connection) as for_two:
        assert len(titles(chief_client, **query)) == 2
    fill(owner, 10)
    with CaptureQueriesContext(connection) as for_twelve:
        assert len(titles(chief_client, **query)) == 12

    assert len(for_twelve) == len(for_two)


def test_the_latest_activity_comes_first(chief_client: Client, owner: User) -> None:
    for days_ago in (2, 0, 1):
        factories.conversation(owner, title=f"{days_ago} days ago", days_ago=days_ago)

    assert titles(chief_client) == ["0 days ago", "1 days ago", "2 days ago"]


@pytest.mark.parametrize("column", range(2, 10))
def test_every_column_sorts_both_ways(chief_client: Client, owner: User, column: int) -> None:
    small = factories.conversation(owner, title="a", days_ago=1)
    zoe = User.objects.create_user("zoe")
    large = factories.conversation(zoe, title="b")
    factories.attach(factories.turn(large, prompt_tokens=1, usd_spent=Decimal(1)), factories.image(zoe))
    factories.review(large, verdict=Review.Verdict.FLAWED)

    assert titles(chief_client, o=str(column)) == [small.title, large.title]
    assert titles(chief_client, o=f"-{column}") == [large.title, small.title]


def test_every_word_is_looked_for_in_title_and_texts(chief_client: Client, owner: User) -> None:
    stairs = factories.conversation(owner, title="Stairs in Rome")
    factories.turn(stairs, text="How many steps?", answer="One hundred and thirty-five steps.")
    bridge = factories.conversation(owner, title="Rome")
    factories.turn(bridge, text="Which bridge is this?")
    factories.index(stairs, bridge)

    assert titles(chief_client, q="rome STEPS") == ["Stairs in Rome"]
    assert sorted(titles(chief_client, q="rome")) == ["Rome", "Stairs in Rome"]
    assert titles(chief_client, q='"how many"') == ["Stairs in Rome"]
    assert titles(chief_client, q='"many how"') == []
    assert titles(chief_client, q='"stairs in rome"') == ["Stairs in Rome"]
    assert titles(chief_client, q='"how man"') == []
    assert titles(chief_client, q="how man") == ["Stairs in Rome"]
    for nothing in ("'", "!", '"!"', "tairs"):
        assert titles(chief_client, q=nothing) == []
    assert titles(chief_client, q="bridge hundred") == []
    assert titles(chief_client, q=" ".join(["steps"] * MAX_WORDS + ["elephants"])) == ["Stairs in Rome"]


def test_a_row_shows_the_words_where_a_message_has_them(chief_client: Client, owner: User) -> None:
    stairs = factories.conversation(owner, title="Rome")
    factories.turn(stairs, answer="One hundred & thirty-five <b>steps</b>.")
    factories.index(stairs, factories.conversation(owner, title="Steps"))

    page = chief_client.get(LIST, {"q": "steps"}).content.decode()

    assert "One hundred &amp; thirty-five &lt;b&gt;<mark>steps</mark>&lt;/b&gt;." in page
    assert page.count('class="row-excerpt"') == 1
    assert "row-excerpt" not in chief_client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"verdict": "none"}, ["plain"]),
        ({"verdict": "good"}, ["rich"]),
        ({"verdict": "harmful"}, []),
        ({"errors": "yes"}, ["rich"]),
        ({"errors": "no"}, ["plain"]),
        ({"images": "yes"}, ["rich"]),
        ({"images": "no"}, ["plain"]),
        ({"model": "qwen"}, ["rich"]),
        ({"model": factories.MODEL}, ["plain"]),
        ({"updated_at__year": "2001"}, []),
    ],
    ids=str,
)
def test_a_filter_leaves_what_meets_it(
    chief_client: Client, owner: User, query: dict[str, str], found: list[str]
) -> None:
    factories.turn(factories.conversation(owner, title="plain"))
    rich = factories.conversation(owner, title="rich")
    factories.attach(factories.turn(rich, status=Status.FAILED, model_name="qwen"), factories.image(owner))
    factories.review(rich, verdict=Review.Verdict.HARMFUL)
    factories.review(rich, verdict=Review.Verdict.GOOD)

    assert titles(chief_client, **query) == found


def owner_filter(client: Client, **query: str) -> Any:
    specs = client.get(LIST, query).context["cl"].filter_specs
    return next(spec for spec in specs if spec.title == "owner")


def test_filters_by_owner_offer_people_who_have_conversations_those_first_who_were_active_last(
    chief_client: Client, owner: User
) -> None:
    bob = User.objects.create_user("bob")
    factories.conversation(owner, title="of ann", days_ago=1)
    factories.conversation(bob, title="of bob")

    assert titles(chief_client, owner="bob") == ["of bob"]
    assert [name for name, _ in owner_filter(chief_client).lookup_choices] == ["bob", "ann"]
    assert "Another owner" not in chief_client.get(LIST).content.decode()


def test_a_link_with_the_id_of_an_owner_still_leads_to_their_conversations(
    chief_client: Client, owner: User
) -> None:
    factories.conversation(owner, title="of ann")
    factories.conversation(User.objects.create_user("bob"), title="of bob")

    assert titles(chief_client, owner__id__exact=str(owner.pk)) == ["of ann"]


def test_of_many_owners_the_latest_are_links_and_any_other_can_be_typed(
    chief_client: Client, owner: User
) -> None:
    factories.conversation(owner, title="of ann", days_ago=99)
    for number in range(OwnerFilter.LINKS):
        factories.conversation(User.objects.create_user(f"person {number}"), days_ago=number)

    page = chief_client.get(LIST, {"verdict": "none", "p": "1", "q": "S"}).content.decode()
    form = page.partition('class="owner-field"')[2].partition("</form>")[0]

    assert '<option value="ann">' in form
    assert '<input type="hidden" name="verdict" value="none">' in form
    assert '<input type="hidden" name="q" value="S">' in form
    assert 'name="p"' not in form
    assert [name for name, _ in owner_filter(chief_client).lookup_choices] == [
        f"person {number}" for number in range(OwnerFilter.LINKS)
    ]
    chosen = owner_filter(chief_client, owner="ann").lookup_choices
    assert chosen[-1] == ("ann", "ann")
    assert titles(chief_client, owner="ann") == ["of ann"]


@pytest.mark.parametrize("name", ["nobody", "a&b=c", "<script>", "9" * 400])
def test_an_owner_that_there_is_not_has_no_conversations(
    chief_client: Client, owner: User, name: str
) -> None:
    factories.conversation(owner)

    assert titles(chief_client, owner=name) == []


def test_filters_by_the_day_of_the_last_activity(chief_client: Client, owner: User) -> None:
    factories.conversation(owner, title="new")
    old = factories.conversation(owner, title="old", days_ago=40)

    day = old.updated_at.date().isoformat()
    assert titles(chief_client, updated_at__lt=f"{day} 23:59:59+00:00") == ["old"]
    assert titles(
        chief_client, updated_at__year=f"{old.updated_at.year}", updated_at__month=f"{old.updated_at.month}"
    ) == ["old"]


def test_a_conversation_that_its_owner_just_deleted_is_not_there(chief_client: Client, owner: User) -> None:

    hidden = factories.conversation(owner, deleted_at=timezone.now())

    assert titles(chief_client) == []
    address = reverse("admin:vision_chat_conversation_change", args=[hidden.pk])
    assert chief_client.get(address).status_code == 302


def test_a_hostile_title_is_text(chief_client: Client, owner: User) -> None:
    factories.conversation(owner, title="<script>alert(1)</script>")

    page = chief_client.get(LIST).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_nobody_adds_a_conversation_in_the_admin(chief_client: Client) -> None:
    assert chief_client.get(reverse("admin:vision_chat_conversation_add")).status_code == 403


def test_staff_without_the_permission_to_read_get_no_list(db: None) -> None:
    # the permission to change does not include it: pictures would stay hidden
    client = signed_in(staff("clerk", "change_conversation", "add_review"))

    assert client.get(LIST).status_code == 403


def test_a_person_who_is_not_staff_is_asked_to_sign_in(owner: User) -> None:
    response = signed_in(owner).get(LIST)

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/admin/login/")


def test_readers_are_offered_the_export_and_no_deletion(reader: User, owner: User) -> None:
    factories.conversation(owner)

    form = signed_in(reader).get(LIST).context["action_form"]

    assert [value for value, _ in form.fields["action"].choices if value] == ["export"]
