"""Leads see the items of queues without a word of them, and assign, close and open them again."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from tests.support import review_factories
from tests.support.people import in_group, signed_in, staff
from vision_chat.models import AuditEntry, ConversationFigures, Queue, ReviewItem, Rule
from vision_chat.services.review_queues import handing_out, resolutions, verdicts

pytestmark = pytest.mark.django_db

LIST = reverse("admin:vision_chat_reviewitem_changelist")


@pytest.fixture
def lead(db: None) -> Client:
    return signed_in(in_group("lena", "Leads"))


@pytest.fixture
def rita(db: None) -> User:
    return review_factories.reviewer("rita")


@pytest.fixture
def queue(db: None) -> Queue:
    return review_factories.queue(reviewers_per_item=2)


def text_of(response: Any) -> str:
    return " ".join(strip_tags(response.content.decode()).split())


def facts_url(item: ReviewItem) -> str:
    return reverse("admin:vision_chat_reviewitem_change", args=[item.pk])


def listed(client: Client, **query: str | int) -> list[int]:
    found: Any = client.get(LIST, query).context["cl"].result_list
    return sorted(item.pk for item in found)


def do(client: Client, action: str, *chosen: ReviewItem, **more: object) -> Any:
    data = {"action": action, "_selected_action": [item.pk for item in chosen], **more}
    return client.post(LIST, data, follow=True)


def test_the_list_has_states_and_numbers_and_no_word_of_a_conversation(
    lead: Client, rita: User, queue: Queue, owner: User
) -> None:
    item = review_factories.item(queue, owner, "A secret title", is_flagged=True)
    held = review_factories.handed_out(rita, queue)
    verdicts.submit(held.pk, rita, held.token, "good", {}, "A secret note")

    for address in (LIST, facts_url(item)):
        text = text_of(lead.get(address))
        assert f"Item {item.pk}" in text
        assert "1 of 2" in text
        assert "in review" in text
        assert "secret" not in text
    assert "rita done Good" in text_of(lead.get(facts_url(item)))


def test_items_are_filtered_by_queue_state_rule_and_person(
    lead: Client, rita: User, queue: Queue, owner: User
) -> None:
    rule = Rule.objects.create(queue=queue, kind="failed")
    first = review_factories.item(queue, owner, rule=rule)
    second = review_factories.item(review_factories.queue("Other"), owner, "Other", is_flagged=True)
    review_factories.handed_out(rita, queue)

    assert listed(lead, queue__id__exact=queue.pk) == [first.pk]
    assert listed(lead, state__exact="waiting") == [second.pk]
    assert listed(lead, rule="failed") == [first.pk]
    assert listed(lead, rule="none") == [second.pk]
    assert listed(lead, person=rita.pk) == [first.pk]
    assert listed(lead, is_flagged__exact=1) == [second.pk]
    assert listed(lead, person="nobody") == [first.pk, second.pk]


def test_items_are_assigned_to_a_person_or_a_group(
    lead: Client, rita: User, queue: Queue, owner: User
) -> None:
    rob = review_factories.reviewer("rob")
    first, second = review_factories.items(queue, owner, 2)

    asked = text_of(do(lead, "assign", first, second))
    assert "2 items. They wait only for whom you choose here" in asked
    assert "2 items were assigned." in text_of(do(lead, "assign", first, second, post="yes", person=rita.pk))
    assert handing_out.next_item(rob, queue) is None
    assert review_factories.handed_out(rita, queue)
    assert AuditEntry.objects.filter(action="assigned").count() == 2

    group = Group.objects.get(name="Reviewers")
    both = text_of(do(lead, "assign", first, post="yes", person=rita.pk, group=group.pk))
    assert "Choose a person or a group, not both." in both
    do(lead, "assign", first, post="yes", group=group.pk)
    first.refresh_from_db()
    assert (first.assigned_person, first.assigned_group) == (None, group)
    do(lead, "assign", first, second, post="yes")
    assert ReviewItem.objects.filter(assigned_person=None, assigned_group=None).count() == 2


def test_who_assigns_is_told_that_a_person_gives_the_last_verdict(
    lead: Client, rita: User, queue: Queue, owner: User
) -> None:
    several = review_factories.item(queue, owner)
    one = review_factories.item(review_factories.queue("Other"), owner)

    asked = text_of(do(lead, "assign", several, one))
    assert "1 item is for several reviewers." in asked
    assert "done after that person’s verdict" in asked
    assert "several reviewers" not in text_of(do(lead, "assign", one))
    held = review_factories.handed_out(rita, queue)
    verdicts.submit(held.pk, rita, held.token, "good", {}, "")
    assert ConversationFigures.objects.get(pk=several.conversation_id).verdict == ""
    do(lead, "assign", several, post="yes", person=rita.pk)
    several.refresh_from_db()
    assert (several.reviewers_wanted, several.state) == (1, "done")
    assert ConversationFigures.objects.get(pk=several.conversation_id).verdict == "good"


def test_items_are_closed_and_opened_again_but_not_those_whose_conversation_is_gone(
    lead: Client, queue: Queue, owner: User
) -> None:
    item, gone = review_factories.items(queue, owner, 2)
    ReviewItem.objects.filter(pk=gone.pk).update(state="closed", closed_for="deleted", conversation=None)

    assert "1 item was closed." in text_of(do(lead, "close", item, gone))
    assert "closed: closed by hand" in text_of(lead.get(facts_url(item)))
    assert "1 item is open again." in text_of(do(lead, "reopen", item, gone))
    assert "None of the items could be changed so." in text_of(do(lead, "reopen", item, gone))
    states = ReviewItem.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["waiting", "closed"]
    kept = AuditEntry.objects.filter(action="settings").order_by("sequence").values_list("details", flat=True)
    assert [details["state"] for details in kept] == ["closed", "opened"]


def test_a_lead_is_led_to_the_page_on_which_a_disagreement_is_decided(
    lead: Client, rita: User, queue: Queue, owner: User
) -> None:
    item = review_factories.item(queue, owner)
    for person, verdict in ((rita, "good"), (review_factories.reviewer("rob"), "harmful")):
        held = review_factories.handed_out(person, queue)
        verdicts.submit(held.pk, person, held.token, verdict, {}, "")

    page = lead.get(facts_url(item)).content.decode()
    assert reverse("admin:vision_chat_reviewitem_review", args=[item.pk]) in page
    assert "Resolve" in page


def test_a_decision_has_the_name_of_its_verdict_without_a_query_more(
    rita: User, queue: Queue, owner: User
) -> None:
    item = review_factories.item(queue, owner)
    for person, verdict in ((rita, "good"), (review_factories.reviewer("rob"), "harmful")):
        held = review_factories.handed_out(person, queue)
        verdicts.submit(held.pk, person, held.token, verdict, {})

    onlooker = signed_in(staff("otto", "view_reviewitem"))

    def page() -> tuple[str, int]:
        with CaptureQueriesContext(connection) as found:
            html = onlooker.get(facts_url(item)).content.decode()
        return html, len(found)

    page()  # what is cached is there by now
    _, before = page()
    resolutions.resolve(item.pk, rita, "flawed")
    html, after = page()
    assert "<strong>Flawed</strong>" in html
    assert after == before


def test_the_list_takes_the_same_queries_however_long_it_is(lead: Client, queue: Queue, owner: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert lead.get(LIST).status_code == 200
        return len(found)

    review_factories.items(queue, owner, 2)
    before = queries()
    review_factories.items(queue, owner, 6)

    assert queries() == before


def test_reviewers_see_no_list_and_change_nothing(rita: User, queue: Queue, owner: User) -> None:
    item = review_factories.item(queue, owner)
    client = signed_in(rita)

    assert [client.get(address).status_code for address in (LIST, facts_url(item))] == [403, 403]
    assert do(client, "close", item).status_code == 403
    item.refresh_from_db()
    assert item.state == "waiting"
