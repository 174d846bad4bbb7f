"""The page of an item: what it shows to whom, and what its requests keep."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.support import factories, review_factories
from tests.support.people import granted, in_group, signed_in, staff
from vision_chat.models import (
    Annotation,
    Assignment,
    AuditEntry,
    AuditHead,
    Correction,
    Message,
    MessageImage,
    Preferences,
    Queue,
    Report,
    Review,
    ReviewItem,
)
from vision_chat.services.audit import appending
from vision_chat.services.review_queues import items, leases, verdicts

QUESTIONS: tuple[dict[str, Any], ...] = (
    {
        "key": "picture",
        "kind": "yes_no",
        "label": "Did it read the picture?",
        "bad_choices": "no",
        "reasons": "Missed a thing\nMade something up",
        "is_required": True,
    },
    {"key": "clear", "kind": "scale", "label": "How clear?", "choices": "1\n5", "policy": "**5** is best."},
    {"key": "steps", "kind": "number", "label": "How many steps?"},
)
WRONG = {
    "verdict": "flawed",
    "answer-picture": "no",
    "reasons-picture[]": "Missed a thing",
    "note": "Count again",
}


def url(name: str, *args: object) -> str:
    return reverse(f"admin:vision_chat_reviewitem_{name}", args=args)


def page(client: Client, item: ReviewItem) -> str:
    response = client.get(url("review", item.pk))
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def queue(db: None) -> Queue:
    of = review_factories.rubric("Pictures", *QUESTIONS)
    return review_factories.queue("Stairs", of, reviewers_per_item=2)


@pytest.fixture
def item(queue: Queue, owner: User) -> ReviewItem:
    return review_factories.item(queue, owner)


@pytest.fixture
def rita(db: None) -> User:
    return review_factories.reviewer("rita")


@pytest.fixture
def rob(db: None) -> User:
    return review_factories.reviewer("rob")


@pytest.fixture
def client(rita: User) -> Client:
    return signed_in(rita)


def lease(person: User, item: ReviewItem) -> dict[str, str]:
    """Return the fields by which the form names the assignment of this person."""
    assignment = Assignment.objects.get(item=item, reviewer=person)
    return {"assignment": str(assignment.pk), "token": str(assignment.token)}


def take(person: User, queue: Queue) -> dict[str, str]:
    assignment = review_factories.handed_out(person, queue)
    return {"assignment": str(assignment.pk), "token": str(assignment.token)}


def judge(person: User, queue: Queue, verdict: str = "good") -> Review:
    held = take(person, queue)
    answers = {"picture": {"value": "yes", "reasons": []}}
    return verdicts.submit(int(held["assignment"]), person, held["token"], verdict, answers, f"By {person}")


def post_json(client: Client, path: str, value: object) -> Any:
    return client.post(path, json.dumps(value), content_type="application/json")


def answer_of(item: ReviewItem) -> Message:
    return Message.objects.get(conversation=item.conversation, role=Message.Role.ASSISTANT)


# the page


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
        assert "A staircase." not in client.get(asked).content.decode()
        given = client.post(asked, {"reason": "To decide"})
        assert given.headers["Location"] == url("review", item.pk)
        text = " ".join(page(client, item).split())
        assert f"data-save> {name} </button>" in text
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
    items.close_deleted([item.conversation_id])  # type: ignore[list-item]  # it has one
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


# who reads what, and what is written down


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
        post_json(client, url("labels", item.pk, answer_of_first(item).pk), {"labels": ["x"]}).status_code
        == 200
    )


def answer_of_first(item: ReviewItem) -> Message:
    return Message.objects.get(pk=item.through_message_id)


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


# drafts and the lease


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
    for wrong in ({"assignment": 2**70}, {"number": 2**40}, {"token": "none"}):
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


# what is written at messages


def test_labels_a_note_and_a_correction_are_kept_and_shown(
    client: Client, rita: User, item: ReviewItem
) -> None:
    take(rita, item.queue)
    answer = answer_of(item)
    kept = post_json(
        client, url("labels", item.pk, answer.pk), {"labels": [" too  short ", "too short"], "note": "Why?"}
    )
    changes = post_json(client, url("correction", item.pk, answer.pk), {"text": "A steep staircase."})
    source = client.get(url("correction", item.pk, answer.pk)).json()

    assert kept.json() == {"labels": ["too short"], "note": "Why?"}
    assert "<ins>steep </ins>" in changes.content.decode().replace("\n", "")
    assert source == {"source": "A staircase.", "text": "A steep staircase.", "is_own": True}
    text = page(client, item)
    for expected in ("too short", "Why?", "<ins>steep </ins>"):
        assert expected in text
    assert not Review.objects.exists()

    post_json(client, url("labels", item.pk, answer.pk), {"labels": [], "note": ""})
    post_json(client, url("correction", item.pk, answer.pk), {"text": "A staircase."})
    assert not Annotation.objects.exists()
    assert not Correction.objects.exists()


def test_a_box_is_kept_once_and_can_be_erased(
    client: Client, rita: User, owner: User, item: ReviewItem
) -> None:
    take(rita, item.queue)
    question = answer_of(item).parent
    assert question
    image = factories.image(owner)
    factories.attach(question, image)
    box = {"id": str(uuid.uuid4()), "image": str(image.pk), "x": 0.5, "y": 0.25, "width": 0.75, "height": 0.5}
    for labels in (["kettle"], ["tea kettle"]):
        sent = post_json(client, url("box", item.pk, question.pk), {**box, "labels": labels})
        assert sent.json()["labels"] == labels

    kept = Annotation.objects.get()
    assert (kept.x, kept.width, kept.labels) == (0.5, 0.5, ["tea kettle"])
    assert "tea kettle" in page(client, item)
    away = {**box, "x": 1.5, "labels": []}
    assert post_json(client, url("box", item.pk, question.pk), away).status_code == 404
    assert (
        post_json(client, url("box", item.pk, answer_of(item).pk), {**box, "labels": []}).status_code == 404
    )
    assert client.post(url("erase", item.pk, kept.pk)).status_code == 200
    assert not Annotation.objects.exists()
    assert MessageImage.objects.exists()


def test_what_others_wrote_comes_with_their_verdicts(
    client: Client, rita: User, rob: User, owner: User, item: ReviewItem
) -> None:
    question = answer_of(item).parent
    assert question
    image = factories.image(owner)
    factories.attach(question, image)
    take(rob, item.queue)
    others = signed_in(rob)
    answer = answer_of(item)
    post_json(others, url("labels", item.pk, answer.pk), {"labels": ["too short"], "note": "Why so few?"})
    post_json(others, url("correction", item.pk, answer.pk), {"text": "A steep staircase."})
    box = {"id": str(uuid.uuid4()), "image": str(image.pk), "x": 0.5, "y": 0.25, "width": 0.25, "height": 0.5}
    post_json(others, url("box", item.pk, question.pk), {**box, "labels": ["kettle"]})
    judge(rob, item.queue, "harmful")
    written = (">too short</span>", "Why so few?", "<ins>steep </ins>", ">kettle</span>", "Written by rob")

    take(rita, item.queue)
    before = page(client, item) + client.get(url("transcript", item.pk)).content.decode()
    judge(rita, item.queue, "good")
    lead = in_group("lena", "Leads")
    assert item.conversation
    granted(lead, item.conversation)

    assert [words for words in written if words in before] == []
    for shown in (page(client, item), page(signed_in(lead), item)):
        text = " ".join(shown.split())
        assert [words for words in written if words not in shown] == []
        assert 'aria-label="Boxes of rob"' in text
        assert "Remove the label too short" not in shown
        assert "Remove this box" not in text.partition(">kettle<")[2].partition("</ol>")[0]


def test_what_was_sent_is_shown_to_whoever_has_the_item(client: Client, rita: User, item: ReviewItem) -> None:
    take(rita, item.queue)
    assert client.get(url("request", item.pk, answer_of(item).pk)).status_code == 200
    assert client.get(url("places", item.pk, answer_of(item).pk)).status_code == 204


@pytest.mark.each_database
def test_only_whoever_has_the_item_writes_at_it(rita: User, rob: User, owner: User, item: ReviewItem) -> None:
    take(rita, item.queue)
    answer = answer_of(item)
    elsewhere = factories.turn(factories.conversation(owner))
    labels = {"labels": ["mine"]}
    for client, item_id, message in (
        (signed_in(rob), item.pk, answer),
        (signed_in(rita), item.pk, elsewhere),
        (signed_in(rita), item.pk + 1, answer),
    ):
        assert post_json(client, url("labels", item_id, message.pk), labels).status_code == 404
        assert post_json(client, url("correction", item_id, message.pk), {"text": "No"}).status_code == 404
        assert client.get(url("correction", item_id, message.pk)).status_code == 404
        assert client.get(url("request", item_id, message.pk)).status_code == 404

    assert not Annotation.objects.exists()
    assert not Correction.objects.exists()
