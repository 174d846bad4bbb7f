"""How somebody comes to read a conversation of somebody else: by a reason, and never unwritten."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.support import factories, review_factories
from tests.support.people import granted, in_group, signed_in
from vision_chat.models import AuditEntry, Conversation, ReadGrant, Review
from vision_chat.services.review_queues import verdicts

pytestmark = pytest.mark.each_database

LIST = reverse("admin:vision_chat_conversation_changelist")
SECRET = "Zanzibar"


@pytest.fixture
def stairs(owner: User) -> Conversation:
    stairs = factories.conversation(owner, SECRET)
    factories.turn(stairs, SECRET, SECRET)
    return stairs


@pytest.fixture
def lead(db: None) -> User:
    return in_group("zoe", "Leads")


def address(conversation: Conversation, page: str = "change") -> str:
    return reverse(f"admin:vision_chat_conversation_{page}", args=[conversation.pk])


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True))


def figure(page: str, name: str) -> str:
    found = re.search(rf"<dt>{name}</dt>\s*<dd>\s*(\S*?)\s*</dd>", page)
    assert found
    return found[1]


@pytest.mark.parametrize("who", ["lead", "chief"])
def test_a_reason_opens_the_conversation_for_a_while_and_both_are_written_down(
    stairs: Conversation, who: str, request: pytest.FixtureRequest
) -> None:
    reader = request.getfixturevalue(who)
    client = signed_in(reader)

    asked = client.get(address(stairs)).content.decode()
    assert SECRET not in asked
    assert "ann" in asked
    assert "Read this conversation" in asked
    assert (figure(asked, "Messages"), figure(asked, "Pictures")) == ("2", "0")
    assert actions() == []

    url = f"{address(stairs)}?_changelist_filters=verdict%3Dnone"
    response = client.post(url, {"reason": "  Ann asked <me>\n for help. "})
    assert (response.status_code, response.headers["Location"]) == (302, url)
    page = client.get(url).content.decode()

    grant = ReadGrant.objects.get()
    assert (grant.reader, grant.conversation, grant.reason) == (reader, stairs, "Ann asked <me> for help.")
    assert timedelta(minutes=59) < grant.until - timezone.now() <= timedelta(minutes=60)
    assert SECRET in page
    assert (figure(page, "Messages"), figure(page, "Pictures")) == ("2", "0")
    assert "Ann asked &lt;me&gt; for help." in page
    assert "You may read this until" in page
    assert actions() == ["granted", "opened"]
    entry = AuditEntry.objects.get(action="granted")
    assert (entry.conversation_id, entry.details) == (stairs.pk, {"grant": grant.pk, "minutes": 60})
    client.get(url)
    assert actions() == ["granted", "opened"]  # once an hour

    ReadGrant.objects.update(until=timezone.now())
    assert SECRET not in client.get(url).content.decode()


def test_who_has_judged_an_item_needs_a_reason_for_the_rest_of_the_conversation(
    chief: User, owner: User
) -> None:
    item = review_factories.item(review_factories.queue(), owner, "Kitchen")
    kitchen = item.conversation
    assert kitchen
    mine = review_factories.handed_out(chief, item.queue)
    verdicts.submit(mine.pk, chief, mine.token, "good", {})
    factories.turn(kitchen, SECRET, SECRET)
    Conversation.objects.filter(pk=kitchen.pk).update(title=SECRET)
    factories.index_all()
    client = signed_in(chief)

    def shown() -> list[int]:
        """How often the word stands on its page, in the list and the search, and what would be exported."""
        pages = (address(kitchen), LIST, f"{LIST}?q={SECRET}", reverse("admin:index"))
        export = client.get(reverse("admin:vision_chat_conversation_export")).context["readable"]
        return [
            *(client.get(page).content.decode().replace(f"q={SECRET}", "").count(SECRET) for page in pages),
            export,
        ]

    assert "Read this conversation" in client.get(address(kitchen)).content.decode()
    page = client.get(reverse("admin:vision_chat_reviewitem_review", args=[item.pk]))
    assert "data-review-item" in page.content.decode()
    before = shown()
    granted(chief, kitchen)
    assert all(less < more for less, more in zip(before, shown(), strict=True)), (before, shown())
    assert (before[0], before[1], before[4]) == (0, 0, 0)


@pytest.mark.parametrize("reason", ["", "   ", "work", "x" * 301])
def test_a_reason_is_a_few_words(lead: User, stairs: Conversation, reason: str) -> None:
    response = signed_in(lead).post(address(stairs), {"reason": reason})

    assert response.status_code == 200
    assert "reason" in response.context["form"].errors
    assert SECRET not in response.content.decode()
    assert not ReadGrant.objects.exists()


def test_what_is_ones_own_needs_no_reason_and_is_not_written_down(lead: User) -> None:
    mine = factories.conversation(lead, SECRET)

    page = signed_in(lead).get(address(mine)).content.decode()

    assert SECRET in page
    assert "data-grant" not in page
    assert actions() == []


@pytest.mark.usefixtures("reading_without_reasons")
def test_where_no_reason_is_asked_for_reading_is_written_down_all_the_same(
    lead: User, stairs: Conversation
) -> None:
    assert SECRET in signed_in(lead).get(LIST).content.decode()
    assert SECRET in signed_in(lead).get(address(stairs)).content.decode()

    assert actions() == ["opened"]


@pytest.mark.django_db(transaction=True)  # an error of the database ends a transaction of PostgreSQL
@pytest.mark.parametrize("page", ["change", "history"])
@pytest.mark.parametrize("is_first", [True, False], ids=["reason", "transcript"])
def test_what_cannot_be_written_down_is_not_shown(
    lead: User, stairs: Conversation, page: str, is_first: bool
) -> None:
    client = signed_in(lead)
    if not is_first:
        granted(lead, stairs)
    with factories.without_table("vision_chat_auditentry"):
        send = client.post if is_first else client.get
        response = send(address(stairs, "change" if is_first else page), {"reason": "Ann asked me."})
        assert response.status_code == 503
        assert SECRET not in response.content.decode()
        assert "could not be written to the audit log" in response.content.decode()

    assert ReadGrant.objects.count() == (0 if is_first else 1)


def test_a_review_that_comes_when_the_time_is_over_is_not_saved_and_the_draft_stays(
    lead: User, stairs: Conversation
) -> None:
    granted(lead, stairs, minutes=-1)

    response = signed_in(lead).post(address(stairs), {"verdict": "good", "note": "Right."})

    assert "your review was not saved" in response.content.decode()
    assert "reviewed" not in response.cookies
    assert SECRET not in response.content.decode()
    assert not Review.objects.exists()


def test_the_list_has_a_lock_where_words_and_picture_would_be(
    lead: User, stairs: Conversation, owner: User
) -> None:
    image = factories.image(owner)
    assert stairs.leaf
    factories.attach(stairs.leaf, image)

    page = signed_in(lead).get(LIST).content.decode()
    assert SECRET not in page
    assert str(image.pk) not in page
    assert f"Conversation {str(stairs.pk)[:8]}" in page
    assert "#icon-lock" in page

    granted(lead, stairs)
    page = signed_in(lead).get(LIST).content.decode()
    assert SECRET in page
    assert str(image.pk) in page


def test_the_place_of_a_title_among_others_does_not_give_it_away(lead: User, stairs: Conversation) -> None:
    before, after = factories.conversation(lead, "A"), factories.conversation(lead, "Zz")
    client = signed_in(lead)

    rows = [row.pk for row in client.get(LIST, {"o": "2"}).context["cl"].result_list]
    assert rows == [stairs.pk, before.pk, after.pk]
    here = client.get(f"{address(stairs)}?_changelist_filters=o%3D2").context
    assert (here["position"].number, here["position"].next_id) == (1, before.pk)


def test_a_deletion_names_no_title_that_may_not_be_read_and_is_written_down(
    chief_client: Client, stairs: Conversation, owner: User
) -> None:
    others = [factories.conversation(owner, SECRET) for _ in range(2)]
    name = f"Conversation {str(stairs.pk)[:8]}"
    page = chief_client.get(address(stairs, "delete")).content.decode()
    assert SECRET not in page
    assert f"Delete “{name}”?" in page

    response = chief_client.post(address(stairs, "delete"), {"post": "yes"}, follow=True)
    assert name in response.content.decode()
    sent = {"action": "delete_selected", "_selected_action": [each.pk for each in others], "post": "yes"}
    chief_client.post(LIST, sent)

    assert not Conversation.objects.exists()
    deleted = AuditEntry.objects.filter(action="deleted").values_list("conversation_id", flat=True)
    assert set(deleted) == {stairs.pk, *(each.pk for each in others)}
    assert not LogEntry.objects.filter(object_repr__contains=SECRET).exists()


def test_what_cannot_be_written_down_is_not_deleted(chief_client: Client, stairs: Conversation) -> None:
    with factories.without_table("vision_chat_auditentry"):
        assert chief_client.post(address(stairs, "delete"), {"post": "yes"}).status_code == 503
        sent = {"action": "delete_selected", "_selected_action": [stairs.pk], "post": "yes"}
        assert chief_client.post(LIST, sent).status_code == 503

    assert Conversation.objects.filter(pk=stairs.pk).exists()


def test_the_latest_reviews_have_the_titles_of_what_may_be_read(lead: User, owner: User) -> None:
    readable, locked = factories.conversation(owner, "Rome"), factories.conversation(owner, SECRET)
    for conversation in (readable, locked):
        Review.objects.create(conversation=conversation, verdict="good", note=SECRET)
    granted(lead, readable)

    page = signed_in(lead).get(reverse("admin:index")).content.decode()

    assert SECRET not in page
    assert "Rome" in page
    assert f"Conversation {str(locked.pk)[:8]}" in page
