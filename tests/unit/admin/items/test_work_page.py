"""The page "Review queue": what waits for a reviewer, and why nothing does."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from tests.support import review_factories
from tests.support.people import in_group, signed_in, staff
from vision_chat.models import Assignment, Queue
from vision_chat.services.accounts.groups import make_groups
from vision_chat.services.review_queues import handing_out, items, leases, readability, verdicts

pytestmark = pytest.mark.each_database

WORK = reverse("admin:vision_chat_reviewitem_work")
INDEX = reverse("admin:index")


@pytest.fixture
def rita(db: None) -> User:
    return review_factories.reviewer("rita")


@pytest.fixture
def client(rita: User) -> Client:
    return signed_in(rita)


@pytest.fixture
def queue(db: None) -> Queue:
    return review_factories.queue(reviewers_per_item=2)


def text_of(client: Client, address: str = WORK) -> str:
    return " ".join(strip_tags(client.get(address).content.decode()).split())


def judged(queue: Queue, reviewer: User, verdict: str = "good") -> Assignment:
    held = review_factories.handed_out(reviewer, queue)
    verdicts.submit(held.pk, reviewer, held.token, verdict, {}, "")
    return held


def test_a_card_has_progress_what_is_in_hand_and_what_was_done(
    client: Client, rita: User, queue: Queue, owner: User
) -> None:
    review_factories.items(queue, owner, 3)
    done = judged(queue, rita, "flawed")
    held = review_factories.handed_out(rita, queue)

    html = client.get(WORK).content.decode()
    text = text_of(client)
    for part in (
        "2 items wait for you.",
        "You: 1 of 3",
        "Team: 0 of 3 finished by all",
        f"Item {held.item_id} yours until",
        f"Item {done.item_id} Flawed",
    ):
        assert part in text
    assert html.count('data-progress="') == 2
    assert reverse("admin:vision_chat_reviewitem_next", args=[queue.pk]) in html
    for item, more in ((held.item_id, ""), (done.item_id, "?change")):
        assert f'href="{reverse("admin:vision_chat_reviewitem_review", args=[item])}{more}"' in html
    assert "Stairs" not in text
    Assignment.objects.filter(pk=held.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    assert "Your time ran out, but nobody has taken it yet." in text_of(client)


def test_nothing_is_said_to_be_done_while_something_waits_for_others(
    client: Client, rita: User, queue: Queue, owner: User
) -> None:
    rob, rosa = (review_factories.reviewer(name) for name in ("rob", "rosa"))
    assert "Nothing has been added to this queue yet." in text_of(client)

    (mine,) = review_factories.items(queue, owner, 1)
    judged(queue, rita)
    page = text_of(client)
    assert "1 item that you have done or skipped waits for somebody else." in page
    assert "done." not in page.partition("You: ")[0]
    judged(queue, rob)
    mine.refresh_from_db()
    assert "Every item here is done." in text_of(client)

    other = review_factories.item(queue, owner, "Other")
    items.assign(other, person=rob, by=rob)
    assert "1 item is assigned to somebody else." in text_of(client)
    items.assign(other, by=rob)
    assert "1 item waits for you." in text_of(client)
    for person in (rob, rosa):
        review_factories.handed_out(person, queue)
    assert "1 item is in other hands" in text_of(client)


def test_what_was_closed_is_said_and_cannot_be_continued(
    client: Client, rita: User, queue: Queue, owner: User
) -> None:
    deleted, sealed, by_hand = review_factories.items(queue, owner, 3)
    while (held := handing_out.next_item(rita, queue, besides=in_hand_of(rita))) is not None:
        assert isinstance(held, Assignment)
    assert deleted.conversation is not None
    assert sealed.conversation is not None
    readability.close_deleted([deleted.conversation.pk])
    readability.close_sealed(sealed.conversation.pk)
    text = text_of(client)
    assert text.count("Continue") == 1
    assert "Of what you had in hand: 1 item was sealed by its owner. 1 item was deleted by its owner." in text

    items.close(by_hand)
    text = text_of(client)
    assert "Nothing has been added" not in text
    assert "Nothing in this queue is open. 1 item was sealed by its owner." in text
    assert "1 item was closed by hand." in text


def in_hand_of(reviewer: User) -> list[int]:
    return list(Assignment.objects.filter(reviewer=reviewer).values_list("item", flat=True))


def test_what_awaits_a_decision_is_not_done(client: Client, rita: User, queue: Queue, owner: User) -> None:
    review_factories.items(queue, owner, 1)
    judged(queue, rita, "good")
    judged(queue, review_factories.reviewer("rob"), "harmful")

    text = text_of(client)
    assert "A lead decides where reviewers disagree." in text
    assert "1 awaits a decision" in text


def test_something_skipped_does_not_wait_for_me_any_more(
    client: Client, rita: User, queue: Queue, owner: User
) -> None:
    review_factories.items(queue, owner, 1)
    held = review_factories.handed_out(rita, queue)
    leases.skip(held.pk, rita, held.token, "Not my language")

    assert "Next item" not in text_of(client)
    assert "1 item that you have done or skipped waits for somebody else." in text_of(client)


def test_queues_of_others_and_closed_ones_are_not_shown(client: Client, rita: User, queue: Queue) -> None:
    group = Group.objects.create(name="painters")
    theirs = review_factories.queue("Theirs", queue.rubric)
    theirs.groups.add(group)
    review_factories.queue("Closed", queue.rubric, is_open=False)

    assert "Theirs" not in text_of(client)
    assert "Closed" not in text_of(client)
    rita.groups.add(group)
    assert "Theirs" in text_of(client)
    Queue.objects.update(is_open=False)
    assert "You are not in any queue that is open." in text_of(client)


def test_the_first_page_says_how_many_wait_and_the_bar_leads_there(
    client: Client, queue: Queue, owner: User
) -> None:
    review_factories.items(queue, owner, 2)

    text = text_of(client, INDEX)
    assert "2 items wait for your review" in text
    assert "You do not have access" not in text
    page = client.get(INDEX).content.decode()
    bar = page.partition('class="places"')[2].partition("</nav>")[0]
    assert WORK in bar
    assert "/reviewitem/" not in bar.replace(WORK, "")


def test_the_page_of_an_item_is_marked_in_the_bar_as_part_of_the_queue(
    rita: User, queue: Queue, owner: User
) -> None:
    review_factories.items(queue, owner, 1)
    held = review_factories.handed_out(rita, queue)
    page = reverse("admin:vision_chat_reviewitem_review", args=[held.item_id])
    make_groups()
    rita.groups.add(Group.objects.get(name="Leads"))

    bar = signed_in(rita).get(page).content.decode().partition('class="places"')[2].partition("</nav>")[0]
    marked = re.findall(r'<a\s+href="([^"]*)"\s+aria-current="(\w+)"', bar)
    assert marked == [(WORK, "true")]


def test_leads_see_how_far_the_queues_are_on_the_first_page(queue: Queue, owner: User) -> None:
    review_factories.items(queue, owner, 2)
    lead = signed_in(in_group("lena", "Leads"))

    assert "Answers 2 0 0" in text_of(lead, INDEX)
    assert "wait for your review" not in text_of(lead, INDEX)


def test_the_page_takes_the_same_queries_however_much_there_is(
    client: Client, rita: User, queue: Queue, owner: User
) -> None:
    def grow(into: Queue) -> None:
        review_factories.items(into, owner, 3)
        judged(into, rita)
        judged(into, rita)
        review_factories.handed_out(rita, into)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(WORK).status_code == 200
        return len(found)

    grow(queue)
    before = queries()
    for number in range(3):
        grow(review_factories.queue(f"Queue {number}", queue.rubric))

    assert queries() == before


def test_who_does_not_review_has_no_such_page(db: None) -> None:
    for person in (staff("clerk", "view_user"), in_group("lena", "Leads")):
        client = signed_in(person)
        assert client.get(WORK).status_code == 403
        response: Any = client.get(INDEX)
        assert WORK not in response.content.decode()
