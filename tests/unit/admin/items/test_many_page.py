"""The page of many items at once: who gets it, what it shows and records, and what is handed in there."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from tests.support import factories, review_factories
from tests.support.people import consented, signed_in
from vision_chat.models import Assignment, AuditEntry, Message, Queue, Review
from vision_chat.services.review_queues import drafts, filling, many
from vision_chat.services.reviews import consents

pytestmark = pytest.mark.django_db

WORK = reverse("admin:vision_chat_reviewitem_work")
LEASES = reverse("admin:vision_chat_reviewitem_many_leases")


@pytest.fixture
def rita() -> User:
    return review_factories.reviewer("rita")


@pytest.fixture
def client(rita: User) -> Client:
    return signed_in(rita)


@pytest.fixture
def queue() -> Queue:
    return review_factories.queue()


def url(name: str, queue: Queue) -> str:
    return reverse(f"admin:vision_chat_reviewitem_{name}", args=[queue.pk])


def page(client: Client, queue: Queue) -> str:
    response = client.get(url("many_more", queue), follow=True)
    assert response.status_code == 200
    return response.content.decode()


def words(html: str) -> str:
    return " ".join(strip_tags(html).split())


def held(rita: User, queue: Queue) -> list[Assignment]:
    return list(many.in_hand(rita, queue))


def form(*assignments: Assignment, **verdicts: str) -> dict[str, str]:
    """Return what the form sends; `verdicts` are by the place of an assignment, as `at_0`."""
    fields = {f"token-{each.pk}": str(each.token) for each in assignments}
    return fields | {
        f"verdict-{assignments[int(name.removeprefix('at_'))].pk}": verdict
        for name, verdict in verdicts.items()
    }


def test_a_card_has_words_pictures_and_the_verdicts_of_the_rubric(
    client: Client, rita: User, queue: Queue, owner: User
) -> None:
    inside = factories.conversation(owner, "Two staircases")
    factories.turn(inside, "The first one?", "Made of wood.")
    answer = factories.turn(inside, "And **which** is this?", "A *spiral* staircase.")
    factories.attach(Message.objects.get(children=answer), *(factories.image(owner) for _ in range(5)))
    filling.add(queue, inside)

    html = page(client, queue)

    said = words(html)
    assert "And **which** is this?" in said  # a person's own signs are not Markdown
    assert "A spiral staircase." in said
    assert "Made of wood." not in said
    assert "2 messages before" in said
    assert html.count("<img") == 4
    assert "+1" in said
    (assignment,) = held(rita, queue)
    chosen = re.findall(rf'name="verdict-{assignment.pk}"\s+value="(\w+)"', html)
    assert chosen == ["good", "flawed", "harmful"]
    assert AuditEntry.objects.filter(action="opened", actor=rita.pk, conversation_id=inside.pk).count() == 1


def test_it_takes_as_many_queries_for_many_cards_as_for_one(client: Client, rita: User, owner: User) -> None:
    counts = []
    for number, count in enumerate((1, many.MOST)):
        queue = review_factories.queue(f"Queue {number}")
        items = review_factories.many_items(queue, owner, count)
        for item in items:
            question = Message.objects.get(conversation=item.conversation, role="user")
            factories.attach(question, factories.image(owner))
        many.hand_out(rita, queue)
        with CaptureQueriesContext(connection) as queries:
            html = client.get(url("many", queue)).content.decode()
        assert html.count("data-card") == count
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_question_that_must_be_answered_makes_it_unavailable(
    client: Client, rita: User, owner: User
) -> None:
    asked = {"key": "seen", "kind": "yes_no", "label": "Did it see it?", "is_required": True}
    queue = review_factories.queue(of=review_factories.rubric("Asking", asked))
    review_factories.items(queue, owner, 1)

    work = words(client.get(WORK).content.decode())
    assert "Many at once" not in work
    assert "“Did it see it?” needs an answer" in work
    assert "“Did it see it?” needs an answer" in words(page(client, queue))
    assert held(rita, queue) == []

    review_factories.handed_out(rita, queue)
    html = client.get(url("many", queue)).content.decode()
    assert "“Did it see it?” needs an answer: open this item." in words(html)
    assert 'name="verdict-' not in html


def test_the_page_of_ones_work_leads_there(client: Client, queue: Queue, owner: User) -> None:
    assert "Many at once" not in words(client.get(WORK).content.decode())
    review_factories.items(queue, owner, 1)

    assert url("many_more", queue) in client.get(WORK).content.decode()


def test_verdicts_are_handed_in_and_drafts_come_again(
    client: Client, rita: User, queue: Queue, owner: User
) -> None:
    review_factories.many_items(queue, owner, 3)
    page(client, queue)
    first, second, third = held(rita, queue)
    drafts.save(second.pk, rita, second.token, {"verdict": "flawed"}, 1)
    assert re.search(r'value="flawed"\s+checked', page(client, queue))

    response = client.post(url("many_done", queue), form(first, second, third, at_0="good"), follow=True)

    assert "1 verdict was handed in." in words(response.content.decode())
    assert Review.objects.get().assignment == first
    assert response.content.decode().count("data-card") == 2


def test_a_script_is_told_what_was_refused(client: Client, rita: User, queue: Queue, owner: User) -> None:
    review_factories.many_items(queue, owner, 2)
    page(client, queue)
    first, second = held(rita, queue)
    sent = form(first, second, at_0="good", at_1="none of these")
    sent[f"token-{first.pk}"] = str(second.token)

    answer = client.post(url("many_done", queue), sent, headers={"Accept": "application/json"}).json()

    assert answer["done"] == []
    assert "You: 0 done, 2 waiting" in words(answer["progress"])
    assert answer["refused"][str(first.pk)]["is_lost"] is True
    assert answer["refused"][str(second.pk)] == {
        "is_lost": False,
        "message": "This verdict is not part of the rubric. Reload the page.",
    }


def test_the_rest_is_given_back(client: Client, rita: User, queue: Queue, owner: User) -> None:
    review_factories.many_items(queue, owner, 3)
    page(client, queue)
    first, second, third = held(rita, queue)

    response = client.post(url("many_back", queue), form(first, second, third, at_0="good"))
    assert response["Location"] == url("many", queue)
    assert held(rita, queue) == [first]

    response = client.post(url("many_back", queue), form(first), follow=True)
    assert response.redirect_chain == [(WORK, 302)]
    assert "1 item was given back." in words(response.content.decode())


def test_the_leases_of_all_are_renewed_by_one_request(
    client: Client, rita: User, queue: Queue, owner: User
) -> None:
    review_factories.many_items(queue, owner, 2)
    page(client, queue)
    first, second = held(rita, queue)
    many.give_back(rita, [many.Submitted(second.pk, second.token)])
    other = review_factories.reviewer("ruth")
    many.hand_out(other, queue)
    sent = [{"assignment": each.pk, "token": str(each.token)} for each in (first, second)]

    answer = client.post(LEASES, json.dumps(sent), content_type="application/json").json()

    assert [*answer["refused"]] == [str(second.pk)]
    assert answer["refused"][str(second.pk)]["is_lost"] is True


def test_what_was_sealed_is_named_and_neither_shown_nor_recorded_as_opened(
    client: Client, rita: User, queue: Queue, owner: User, settings: Any
) -> None:
    settings.VISION_CHAT = replace(settings.VISION_CHAT, seals_conversations=True)
    for item in review_factories.many_items(queue, owner, 3):
        assert item.conversation is not None
        consented(item.conversation)
    page(client, queue)
    sealed = held(rita, queue)[:2]
    for assignment in sealed:
        assert assignment.item.conversation is not None
        consents.take_back(owner, assignment.item.conversation.pk)
    html = client.get(url("many", queue)).content.decode()

    assert html.count("data-card") == 1
    assert "2 items were sealed by their owners." in words(html)
    for assignment in sealed:
        opened = AuditEntry.objects.filter(action="opened", conversation_id=assignment.item.conversation_id)
        assert opened.count() == 1  # when it was handed out
    assert "given back" not in words(
        client.post(url("many_back", queue), form(*sealed), follow=True).content.decode()
    )


def test_nothing_of_a_deleted_conversation_is_shown(
    client: Client, rita: User, queue: Queue, owner: User
) -> None:
    (item,) = review_factories.items(queue, owner, 1)
    page(client, queue)
    assert item.conversation is not None
    item.conversation.delete()

    assert "Stairs" not in words(page(client, queue))
    assert held(rita, queue) == []
