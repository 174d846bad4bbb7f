"""The page of an item: what it shows, and what its form does."""

import uuid

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.support import factories, review_factories
from tests.support.item_page import WRONG, judge, page, post_json, take, url
from tests.support.people import granted, in_group, signed_in, staff
from vision_chat.models import Assignment, AuditEntry, Queue, Report, Review, ReviewItem
from vision_chat.services.review_queues import readability


def test_next_leads_to_the_page_of_the_item_which_is_recorded(client: Client, item: ReviewItem) -> None:
    response = client.get(url("next", item.queue_id), follow=True)

    assert response.redirect_chain == [(url("review", item.pk), 302)]
    text = response.content.decode()
    for expected in (
        "A staircase.",
        "Did it read the picture?",
        "<strong>5</strong> is best.",
        "Done and next",
    ):
        assert expected in text
    assert f'data-review-item="{item.pk}"' in text
    assert f'data-lease="{Assignment.objects.get().token}"' in text
    assert AuditEntry.objects.filter(action="opened", conversation_id=item.conversation_id).count() == 1


def test_a_verdict_with_answers_leads_to_the_next_item(
    client: Client, rita: User, queue: Queue, owner: User
) -> None:
    review_factories.items(queue, owner, 2)
    held = take(rita, queue)
    first = Assignment.objects.get()

    response = client.post(
        url("review", first.item_id), {**WRONG, **held, "answer-clear": "4", "answer-steps": "20"}
    )

    review = Review.objects.get()
    assert (review.verdict, review.note, review.author) == ("flawed", "Count again", rita)
    assert review.answers["picture"] == {"value": "no", "reasons": ["Missed a thing"]}
    assert [review.answers[key]["value"] for key in ("clear", "steps")] == [4, 20]
    other = Assignment.objects.exclude(pk=first.pk).get()
    assert response.headers["Location"] == url("review", other.item_id)


def test_what_is_missing_is_said_beside_its_field_and_what_was_typed_stays(
    client: Client, rita: User, item: ReviewItem
) -> None:
    held = take(rita, item.queue)
    sent = {**held, "note": "Half done", "answer-picture": ""}
    as_json = client.post(url("review", item.pk), sent, headers={"Accept": "application/json"})
    as_page = client.post(url("review", item.pk), sent)

    assert set(as_json.json()["errors"]) == {"verdict", "answer-picture"}
    assert as_json.status_code == as_page.status_code == 400
    assert "Half done" in as_page.content.decode()
    assert not Review.objects.exists()


def test_a_late_click_marks_nothing_and_keeps_the_text(client: Client, rita: User, item: ReviewItem) -> None:
    held = take(rita, item.queue)
    sent = {**WRONG, **held, "token": str(uuid.uuid4())}

    response = client.post(url("review", item.pk), sent, headers={"Accept": "application/json"})

    assert response.status_code == 409
    assert "no longer yours" in response.json()["message"]
    assert not Review.objects.exists()


def test_a_done_item_shows_the_own_verdict_which_can_be_changed_and_withdrawn(
    client: Client, rita: User, item: ReviewItem
) -> None:
    review = judge(rita, item.queue)
    text = page(client, item)
    assert "By rita" in text
    assert "Withdraw" in text
    assert "data-lease" not in text

    form = client.get(url("review", item.pk), {"change": "1"}).content.decode()
    assert "Save the change" in form
    client.post(url("review", item.pk), {**WRONG, "review": review.pk})
    changed = Review.objects.get(is_current=True)
    assert (changed.verdict, changed.note) == ("flawed", "Count again")
    assert Review.objects.count() == 2

    client.post(url("withdraw", item.pk), {"review": changed.pk})
    assert not Review.objects.filter(is_current=True).exists()
    again = page(client, item)
    assert "Count again" in again
    assert "Done and next" in again


def test_the_verdicts_of_others_come_after_ones_own(
    client: Client, rita: User, rob: User, item: ReviewItem
) -> None:
    judge(rob, item.queue, "harmful")
    take(rita, item.queue)
    assert "By rob" not in page(client, item)
    judge(rita, item.queue)

    assert "By rob" in page(client, item)


def test_a_lead_decides_what_two_disagree_on(rita: User, rob: User, item: ReviewItem) -> None:
    judge(rita, item.queue, "good")
    judge(rob, item.queue, "harmful")
    lead = review_factories.reviewer("lea", "resolve_reviewitem", "view_conversation")
    client = signed_in(lead)
    assert item.conversation
    granted(lead, item.conversation)

    text = page(client, item)
    assert "By rita" in text
    assert "By rob" in text
    response = client.post(url("resolve", item.pk), {"verdict": "harmful", "note": "Dangerous"})
    assert response.headers["Location"] == url("review", item.pk)

    item.refresh_from_db()
    assert item.state == ReviewItem.State.RESOLVED
    decided = page(client, item)
    assert "Dangerous" in decided
    assert "Decide again" in decided
    assert "Resolve" in client.get(url("review", item.pk), {"change": "1"}).content.decode()
    assert signed_in(rita).post(url("resolve", item.pk), {"verdict": "good"}).status_code == 404


def test_a_lead_decides_one_disputed_item_after_the_other(
    queue: Queue, owner: User, rita: User, rob: User
) -> None:
    for _ in review_factories.items(queue, owner, 2):
        judge(rita, queue, "good")
    for _ in range(2):
        judge(rob, queue, "harmful")
    client = signed_in(in_group("lena", "Leads"))
    first, second = ReviewItem.objects.order_by("changed_at", "pk")
    for item, name in ((first, "Resolve and next"), (second, "Resolve")):
        asked = client.get(url("review", item.pk)).headers["Location"]
        reason_page = client.get(asked).content.decode()
        assert "A staircase." not in reason_page
        assert reason_page.count("Say why you need to read") == 1
        assert ">\nTo decide where reviewers disagree</textarea>" in reason_page
        given = client.post(asked, {"reason": "To decide"})
        assert given.headers["Location"] == url("review", item.pk)
        text = " ".join(page(client, item).split())
        assert f"data-save> {name} </button>" in text
        assert (f'href="{url("review", second.pk)}"' in text) == (item == first)
        decided = client.post(url("resolve", item.pk), {"verdict": "harmful"})
        on = decided.headers["Location"]
        assert on == (
            url("review", second.pk)
            if item == first
            else reverse("admin:vision_chat_queue_results", args=[queue.pk])
        )

    anew = client.post(url("resolve", first.pk), {"verdict": "good"})
    assert anew.headers["Location"] == url("review", first.pk)


def test_a_reason_leads_on_to_addresses_of_this_site_alone(item: ReviewItem) -> None:
    client = signed_in(in_group("lena", "Leads"))
    conversation = reverse("admin:vision_chat_conversation_change", args=[item.conversation_id])
    path = f"{conversation}?next=https://elsewhere.example/"

    assert client.post(path, {"reason": "To decide"}).headers["Location"] == path


def test_a_lead_who_is_handed_nothing_comes_from_the_results_and_goes_back_there(
    rita: User, rob: User, item: ReviewItem
) -> None:
    judge(rita, item.queue, "good")
    judge(rob, item.queue, "harmful")
    lead = in_group("lena", "Leads")
    assert item.conversation
    granted(lead, item.conversation)
    client = signed_in(lead)
    results = reverse("admin:vision_chat_queue_results", args=[item.queue_id])

    text = page(client, item)
    assert f'<a href="{results}">Results</a>' in text
    assert f'href="{url("work")}"' not in text
    assert "You:" not in text
    assert "Team:" in text
    assert client.get(url("next", item.queue_id)).status_code == 403


def test_a_deleted_conversation_and_an_unknown_item_are_said_with_a_way_on(
    client: Client, rita: User, item: ReviewItem
) -> None:
    take(rita, item.queue)
    readability.close_deleted([item.conversation_id])  # type: ignore[list-item]  # it has one
    for path in (url("review", item.pk), url("review", 10**12)):
        response = client.get(path)
        assert response.status_code in {200, 409}
        assert "All queues" in response.content.decode()
        assert "A staircase." not in response.content.decode()


def test_a_report_is_shown_with_its_reason_and_its_button_comes_back(item: ReviewItem, owner: User) -> None:
    assert item.conversation
    report = Report.objects.create(
        person=owner, conversation=item.conversation, reason="private", comment="A face."
    )
    rita = review_factories.reviewer("rita", "assign_reviewitem")
    take(rita, item.queue)
    client = signed_in(rita)
    text = " ".join(page(client, item).split())
    assert "Reported: Shows private data" in text
    assert text.index("A face.") < text.index("A staircase.")
    here = url("review", item.pk)
    assert f'name="next" value="{here}"' in text
    looked_at = reverse("admin:vision_chat_conversation_looked_at", args=[report.pk])

    assert client.post(looked_at, {"next": here}).headers["Location"] == here
    assert "Looked at on" in page(client, item)


@pytest.mark.parametrize("name", ["review", "transcript"])
def test_nobody_else_sees_a_word(item: ReviewItem, rita: User, name: str) -> None:
    take(rita, item.queue)
    for person in (review_factories.reviewer("ron"), staff("sam"), staff("vera", "view_conversation")):
        text = signed_in(person).get(url(name, item.pk)).content.decode()
        assert "A staircase." not in text
        assert "data-thread" not in text


def test_whoever_had_the_item_in_hand_is_told_that_it_was_sealed(
    client: Client, rita: User, item: ReviewItem
) -> None:
    take(rita, item.queue)
    assert item.conversation is not None
    item.conversation.delete()
    ReviewItem.objects.filter(pk=item.pk).update(state="closed", closed_for="sealed")

    told = client.get(url("transcript", item.pk))

    assert told.status_code == 200
    assert told.json()["code"] == "review.item_closed"
    assert "sealed by its owner" in told.json()["message"]


def test_the_transcript_comes_again_only_when_it_has_changed(
    client: Client, rita: User, item: ReviewItem
) -> None:
    take(rita, item.queue)
    first = client.get(url("transcript", item.pk))
    version = {"version": first.headers["X-Version"]}
    assert client.get(url("transcript", item.pk), version).status_code == 204
    assert item.conversation
    factories.turn(item.conversation, answer="A second one.")

    later = client.get(url("transcript", item.pk), version).content.decode()
    assert "A second one." in later
    assert "What follows came later." in later


def test_the_page_takes_the_same_queries_however_long_the_conversation_is(
    client: Client, rita: User, item: ReviewItem
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(client, item)
        return len(captured)

    take(rita, item.queue)
    assert item.conversation
    factories.turn(item.conversation)
    page(client, item)
    before = queries()
    for number in range(5):
        answer = factories.turn(item.conversation)
        post_json(client, url("labels", item.pk, answer.pk), {"labels": [f"{number}"], "note": ""})

    assert queries() == before
    assert before < 45
