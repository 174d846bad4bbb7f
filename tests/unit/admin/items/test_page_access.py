"""The page of an item: who reads what of it, and what is written down of that."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.support import factories, review_factories
from tests.support.item_page import WRONG, answer_of, judge, last_message_of, page, post_json, take, url
from tests.support.people import in_group, signed_in
from vision_chat.models import Annotation, Assignment, AuditEntry, AuditHead, Queue, Review, ReviewItem
from vision_chat.services.audit import appending
from vision_chat.services.review_queues import items, leases


@pytest.fixture
def every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each opening have its entry, as if an hour lay between them."""
    monkeypatch.setattr(appending, "BETWEEN_OPENINGS", timedelta(0))


@pytest.mark.usefixtures("every_time")
def test_reading_without_the_page_is_recorded_too(client: Client, owner: User, item: ReviewItem) -> None:
    opened = AuditEntry.objects.filter(action="opened", conversation_id=item.conversation_id)
    client.get(url("next", item.queue_id))  # not followed
    assert [entry.details["item"] for entry in opened] == [item.pk]
    answer, image = answer_of(item), factories.image(owner)
    factories.attach(answer, image)
    for path in (
        url("transcript", item.pk),
        url("correction", item.pk, answer.pk),
        url("request", item.pk, answer.pk),
        url("places", item.pk, answer.pk),
        reverse("image", args=[image.pk, "original"]),
    ):
        before = opened.all().count()
        assert client.get(path).status_code in {200, 204}, path
        assert opened.all().count() == before + 1, path


@pytest.mark.usefixtures("every_time")
def test_nothing_is_read_or_handed_out_without_the_log(
    client: Client, rita: User, owner: User, item: ReviewItem
) -> None:
    answer, image = answer_of(item), factories.image(owner)
    factories.attach(answer, image)
    take(rita, item.queue)
    other = review_factories.item(item.queue, owner)
    AuditHead.objects.all().delete()  # its entries are there: it cannot be gone on with

    besides = {"besides": item.pk}
    assert client.get(url("next", item.queue_id), besides).status_code == 503
    assert not Assignment.objects.filter(item=other).exists()
    for path in (
        url("review", item.pk),
        url("transcript", item.pk),
        url("correction", item.pk, answer.pk),
        url("request", item.pk, answer.pk),
    ):
        assert client.get(path).status_code == 503, path
    kept = post_json(client, url("labels", item.pk, answer.pk), {"labels": ["mine"]})
    assert kept.status_code == 503
    assert client.get(reverse("image", args=[image.pk, "original"])).status_code == 404


def test_what_is_done_shows_nothing_that_came_later(client: Client, rita: User, item: ReviewItem) -> None:
    judge(rita, item.queue)
    assert item.conversation
    later = factories.turn(item.conversation, text="And the roof?", answer="A flat one.")

    for name in ("review", "transcript"):
        text = client.get(url(name, item.pk)).content.decode()
        assert "A staircase." in text
        assert "A flat one." not in text
        assert "And the roof?" not in text
    assert client.get(url("correction", item.pk, later.pk)).status_code == 404
    assert client.get(url("request", item.pk, later.pk)).status_code == 404
    places = reverse("admin:vision_chat_conversation_places", args=[later.pk])
    assert client.get(places).status_code == 404
    assert post_json(client, url("labels", item.pk, later.pk), {"labels": ["x"]}).status_code == 404
    assert (
        post_json(client, url("labels", item.pk, last_message_of(item).pk), {"labels": ["x"]}).status_code
        == 200
    )


def test_a_closed_item_takes_no_notes(client: Client, rita: User, item: ReviewItem) -> None:
    judge(rita, item.queue)
    items.close(item)
    answer = answer_of(item)

    assert post_json(client, url("labels", item.pk, answer.pk), {"labels": ["x"]}).status_code == 410
    assert post_json(client, url("correction", item.pk, answer.pk), {"text": "A ramp."}).status_code == 410
    assert client.post(url("erase", item.pk, uuid.uuid4())).status_code == 410
    assert not Annotation.objects.exists()
    assert "A staircase." in page(client, item)


def test_to_look_ahead_takes_nothing_up(client: Client, rita: User, item: ReviewItem) -> None:
    ahead = {"Sec-Purpose": "prefetch;prerender"}
    assert client.head(url("next", item.queue_id)).status_code == 405
    assert client.get(url("next", item.queue_id), headers=ahead).status_code == 403
    items.assign(item, person=rita)
    assert client.head(url("review", item.pk)).status_code == 405
    assert client.get(url("review", item.pk), headers=ahead).status_code == 403
    assert not Assignment.objects.exists()
    assert client.get(url("next", item.queue_id)).status_code == 302


def test_who_decides_alone_takes_no_place(item: ReviewItem) -> None:
    lead = signed_in(in_group("lena", "Leads"))

    assert lead.get(url("next", item.queue_id)).status_code == 403
    assert "not handed out to you" in lead.get(url("review", item.pk)).content.decode()
    assert not Assignment.objects.exists()


def test_what_was_skipped_is_not_taken_up_by_its_address(
    client: Client, rita: User, item: ReviewItem
) -> None:
    held = take(rita, item.queue)
    leases.skip(int(held["assignment"]), rita, held["token"])

    assert "A staircase." not in client.get(url("review", item.pk)).content.decode()
    assert Assignment.objects.get().state == "skipped"


def test_a_form_counts_for_the_item_of_its_address_alone(
    client: Client, rita: User, queue: Queue, owner: User
) -> None:
    review = judge(rita, queue) if review_factories.item(queue, owner) else None
    assert review
    other = review_factories.item(queue, owner, "Other")
    held = take(rita, queue)
    assert review.assignment
    elsewhere = review.assignment.item_id
    sent = {
        "assignment": int(held["assignment"]),
        "token": held["token"],
        "number": 1,
        "draft": {"note": "x"},
    }

    assert post_json(client, url("draft", elsewhere), sent).status_code == 409
    assert post_json(client, url("lease", elsewhere), sent).status_code == 409
    assert client.post(url("skip", elsewhere), held).status_code == 409
    assert client.post(url("review", elsewhere), {**WRONG, **held}).status_code == 409
    assert client.post(url("review", other.pk), {**WRONG, "review": review.pk}).status_code == 409
    assert client.post(url("withdraw", other.pk), {"review": review.pk}).status_code == 409
    mine = Assignment.objects.get(item=other)
    assert (mine.state, mine.draft) == ("active", {})
    assert Review.objects.get().is_current
