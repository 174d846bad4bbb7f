"""Requests of the page of an item: drafts, the lease, skipping, flags."""

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.support.item_page import WRONG, answer_of, page, post_json, take, url
from tests.support.people import signed_in
from vision_chat.models import Annotation, Assignment, Correction, Preferences, Review, ReviewItem


def test_a_draft_is_kept_and_one_of_another_window_comes_back(
    client: Client, rita: User, item: ReviewItem
) -> None:
    held = take(rita, item.queue)
    sent = {
        "assignment": int(held["assignment"]),
        "token": held["token"],
        "number": 1,
        "draft": {"note": "One"},
    }

    assert post_json(client, url("draft", item.pk), sent).json() == {"number": 1}
    assert post_json(client, url("draft", item.pk), sent).json() == {"number": 1}  # its answer was lost
    other = post_json(client, url("draft", item.pk), sent | {"draft": {"note": "Two"}}).json()
    assert other == {"number": 1, "newer": {"note": "One"}}
    assert "One" in page(client, item)


@pytest.mark.each_database
@pytest.mark.parametrize("reasons", [5, "Missed a thing", {"a": 1}, [[1]], None])
def test_a_draft_of_any_form_does_not_keep_the_page_from_opening(
    client: Client, rita: User, item: ReviewItem, reasons: object
) -> None:
    held = take(rita, item.queue)
    sent = {"assignment": int(held["assignment"]), "token": held["token"], "number": 1}
    draft = {"answers": {"picture": {"value": "no", "reasons": reasons}}, "verdict": [1], "note": {"a": 2}}
    assert post_json(client, url("draft", item.pk), sent | {"draft": draft}).status_code == 200
    assert "Did it read the picture?" in page(client, item)


def test_a_draft_that_is_nested_deep_is_refused(client: Client, rita: User, item: ReviewItem) -> None:
    held = take(rita, item.queue)
    sent = {"assignment": int(held["assignment"]), "token": held["token"], "number": 1, "draft": "DRAFT"}
    for depth in (30, 600, 5000):
        deep = json.dumps(sent).replace('"DRAFT"', '{"a":' * depth + "1" + "}" * depth)
        response = client.post(url("draft", item.pk), deep, content_type="application/json")
        assert response.status_code == 400
    assert Assignment.objects.get().draft == {}


@pytest.mark.each_database
def test_what_no_database_stores_is_left_out_or_refused(client: Client, rita: User, item: ReviewItem) -> None:
    held = take(rita, item.queue)
    sent = {"assignment": int(held["assignment"]), "token": held["token"], "number": 1}
    kept = post_json(client, url("draft", item.pk), sent | {"draft": {"note": "a\0b", "answers": {}}})
    assert kept.json() == {"number": 1}
    assert Assignment.objects.get().draft["note"] == "ab"
    for wrong in ({"assignment": 2**70}, {"number": 2**40}, {"number": 2**31 - 1}, {"token": "none"}):
        assert post_json(client, url("draft", item.pk), sent | {"draft": {}} | wrong).status_code == 400
    answer = answer_of(item)
    post_json(client, url("labels", item.pk, answer.pk), {"labels": ["a\0b"], "note": "\0"})
    post_json(client, url("correction", item.pk, answer.pk), {"text": "A\0 ramp."})
    assert Annotation.objects.get().labels == ["ab"]
    assert Correction.objects.get().text == "A ramp."
    assert client.get(url("review", 2**70)).status_code == 200
    response = client.post(url("review", item.pk), {**WRONG, **held, "note": "c\0d"})
    assert response.status_code == 302
    assert Review.objects.get().note == "cd"


def test_the_lease_is_renewed_for_whoever_holds_it_alone(
    client: Client, rita: User, rob: User, item: ReviewItem
) -> None:
    held = take(rita, item.queue)
    sent = {"assignment": int(held["assignment"]), "token": held["token"]}

    assert "until" in post_json(client, url("lease", item.pk), sent).json()
    assert post_json(signed_in(rob), url("lease", item.pk), sent).status_code == 409
    assert post_json(client, url("lease", item.pk), {"assignment": "one"}).status_code == 400
    assert client.get(url("lease", item.pk)).status_code == 405


def test_skipping_keeps_the_reason_and_goes_on(client: Client, rita: User, item: ReviewItem) -> None:
    held = take(rita, item.queue)
    response = client.post(url("skip", item.pk), {**held, "reason": "I know this person"})

    assert response.headers["Location"] == url("work")
    skipped = Assignment.objects.get()
    assert (skipped.state, skipped.skip_reason) == ("skipped", "I know this person")


def test_a_flag_and_the_way_pictures_are_shown_are_kept(client: Client, rita: User, item: ReviewItem) -> None:
    take(rita, item.queue)
    assert client.post(url("flag", item.pk), {"flagged": "on"}).json() == {"flagged": True}
    item.refresh_from_db()
    assert item.is_flagged
    client.post(url("pictures"), {"pictures": "blurred"})
    assert client.post(url("pictures"), {"pictures": "loud"}).status_code == 404

    assert Preferences.objects.get(person=rita).review_pictures == "blurred"
    assert 'data-pictures="blurred"' in page(client, item)
