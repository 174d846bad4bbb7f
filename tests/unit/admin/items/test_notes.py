"""Notes at the messages of an item: kept, shown, and to whom."""

import uuid

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.support import factories
from tests.support.item_page import answer_of, judge, page, post_json, take, url
from tests.support.people import granted, in_group, signed_in
from vision_chat.models import Annotation, Correction, MessageImage, Review, ReviewItem


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
