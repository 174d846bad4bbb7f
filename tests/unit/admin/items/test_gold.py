"""Gold items on the pages: made and taken out by leads, and like any other item for whoever judges them."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from tests.support import exported, review_factories
from tests.support.people import in_group, signed_in, staff
from vision_chat.models import Generation, Message, Queue, Review, ReviewItem
from vision_chat.services.review_queues import filling, gold_items, verdicts
from vision_chat.services.reviews import annotations, corrections
from vision_chat.services.reviews.exports.choices import Format
from vision_chat.services.reviews.item_access import access_to

pytestmark = pytest.mark.django_db

CLEAR = {"key": "clear", "kind": "yes_no", "label": "Is it clear?"}


@pytest.fixture
def lena(db: None) -> User:
    return in_group("lena", "Leads")


@pytest.fixture
def rita(db: None) -> User:
    return in_group("rita", "Reviewers")


@pytest.fixture
def queue(db: None) -> Queue:
    of = review_factories.rubric("Stairs", CLEAR)
    return review_factories.queue("Stairs", of, gold_percent=100, reviewers_per_item=2)


def url(name: str, *args: object) -> str:
    return reverse(f"admin:vision_chat_reviewitem_{name}", args=args)


def text_of(response: Any) -> str:
    return " ".join(strip_tags(response.content.decode()).split())


def next_of(client: Client, queue: Queue) -> ReviewItem:
    """Press "Next item". Returns where it leads."""
    response: Any = client.get(url("next", queue.pk))
    found = re.search(r"/(\d+)/review/$", response.url)
    assert found, response.url
    return ReviewItem.every.get(pk=found[1])


def hand_in(client: Client, item: ReviewItem, verdict: str) -> Any:
    mine = item.assignments.get(reviewer__username="rita")
    data = {"assignment": mine.pk, "token": mine.token, "verdict": verdict, "answer-clear": "yes"}
    return client.post(url("review", item.pk), data)


def bare(client: Client, item: ReviewItem) -> str:
    """The page of an item without what differs from one item to the next."""
    html = client.get(url("review", item.pk)).content.decode()
    html = re.sub(r'"\w{64}"', "", html)  # against forged requests
    html = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "id", html)
    return re.sub(r"\d+", "0", html)


def test_a_lead_uses_an_item_as_a_gold_item_changes_it_and_takes_it_out(
    lena: User, rita: User, queue: Queue, owner: User
) -> None:
    item = review_factories.item(queue, owner)
    review_factories.item(queue, owner)
    lead, reviewer = signed_in(lena), signed_in(rita)
    facts = url("change", item.pk)
    results = reverse("admin:vision_chat_queue_results", args=[queue.pk])
    assert "Use as a gold item" in text_of(lead.get(facts))
    assert "has it in hand" not in text_of(lead.get(facts))
    held = review_factories.handed_out(in_group("rob", "Reviewers"), queue)
    assert "rob has it in hand, and loses it." in text_of(lead.get(url("change", held.item_id)))
    assert "There are none yet." in text_of(lead.get(results))
    refused = lead.post(url("gold", item.pk), {"verdict": "odd"}, follow=True)
    assert "not part of the rubric" in text_of(refused)

    known = {"verdict": "flawed", "answer-clear": "no", "note": "Look at the sign."}
    made = text_of(lead.post(url("gold", item.pk), known, follow=True))
    assert "It is a gold item now." in made
    assert "closed: gold item" in made
    assert "closed by hand" not in made
    assert "No longer use it as a gold item" in made
    hand_in(reviewer, next_of(reviewer, queue), "flawed")
    figures = text_of(lead.get(results))
    assert "rita 1 0 0.00 (0.00 to 0.79) too few" in figures
    assert f"Item {item.pk} Flawed 1 1" in figures

    changed = lead.post(url("gold", item.pk), {"verdict": "flawed"}, follow=True)
    assert "What is known of it was changed." in text_of(changed)
    assert "rita 1 1 1.00 (0.21 to 1.00) too few" in text_of(lead.get(results))
    assert "It is no longer a gold item." in text_of(
        lead.post(url("gold", item.pk), {"gold": "no"}, follow=True)
    )
    assert "There are none yet." in text_of(lead.get(results))


def test_a_reviewer_cannot_tell_a_gold_item_apart(lena: User, rita: User, queue: Queue, owner: User) -> None:
    known = review_factories.item(queue, owner)
    other = in_group("rob", "Reviewers")
    real = review_factories.item(queue, owner)
    gold_items.make(known, lena, "flawed", explanation="Look at the sign.")
    client = signed_in(rita)
    first = next_of(client, queue)
    assert first.gold_of == known
    gold_page = bare(client, first)
    review_factories.handed_out(other, queue)
    assert bare(client, first) == gold_page
    after_gold: Any = hand_in(client, first, "good")
    second = ReviewItem.every.get(pk=re.findall(r"/(\d+)/review/$", after_gold.url)[0])
    assert second == real
    real_page = bare(client, second)
    # it is the second one: there is a way back, and one more is done
    expected = re.sub(r"<nav class=\"item-steps\".*?</nav>", "", gold_page, flags=re.DOTALL)
    assert re.sub(r"<nav class=\"item-steps\".*?</nav>", "", real_page, flags=re.DOTALL) == expected
    hand_in(client, second, "good")
    client.get(url("work"))  # says that nothing waits
    done = [bare(client, item) for item in (first, second)]
    pages = [re.sub(r"<nav class=\"item-steps\".*?</nav>", "", page, flags=re.DOTALL) for page in done]
    assert pages[0] == pages[1]
    assert "gold" not in (gold_page + pages[0]).lower()
    assert client.post(url("gold", known.pk), {"verdict": "good"}).status_code == 403
    watcher = signed_in(staff("walt", "work_reviewitem", "view_reviewitem"))
    assert "gold" not in text_of(watcher.get(url("change", known.pk))).lower()


@pytest.mark.parametrize("is_blind", [True, False])
def test_a_gold_item_shows_what_a_model_said_when_others_show_it(
    lena: User, rita: User, owner: User, is_blind: bool
) -> None:
    of = review_factories.rubric("Stairs", CLEAR)
    queue = review_factories.queue("Stairs", of, gold_percent=100, is_blind=is_blind)
    known, real = review_factories.items(queue, owner, 2)
    for generation in Generation.objects.all():
        generation.moderation_verdicts.create(model_name="guard", outcome="unsafe")
    gold_items.make(known, lena, "flawed")
    client = signed_in(rita)

    for expected in (known, real):
        item = next_of(client, queue)
        assert (item.gold_of or item) == expected
        shown = [bare(client, item).count("data-moderation")]
        hand_in(client, item, "good")
        shown.append(bare(client, item).count("data-moderation"))
        assert shown == [0 if is_blind else 1, 1]


def test_whoever_is_told_sees_the_known_verdict_after_their_own(
    lena: User, rita: User, queue: Queue, owner: User
) -> None:
    Queue.objects.update(gold_is_told=True)
    known = review_factories.item(queue, owner)
    review_factories.item(queue, owner)
    gold_items.make(known, lena, "flawed", {"clear": "no"}, "Look at the sign.")
    client = signed_in(rita)
    item = next_of(client, queue)
    page = url("review", item.pk)
    assert "gold item" not in text_of(client.get(page))
    assert hand_in(client, item, "good").url == page
    told = text_of(client.get(f"{page}?change=1"))
    assert "This was a gold item The known verdict is another one: Flawed" in told
    assert "Is it clear? No Look at the sign." in told
    assert "Withdraw" not in told
    assert "Go on" in told
    review = Review.every.get()
    refused = client.post(page, {"review": review.pk, "verdict": "flawed", "answer-clear": "no"})
    assert refused.status_code == 409
    assert "your own stays as it is" in text_of(refused)
    assert next_of(client, queue).gold_of is None


def test_what_was_said_of_gold_items_is_in_no_export(
    lena: User, rita: User, queue: Queue, owner: User
) -> None:
    known = review_factories.item(queue, owner)
    review_factories.item(queue, owner)
    gold_items.make(known, lena, "flawed")
    mine = review_factories.handed_out(rita, queue)
    conversation = known.conversation
    assert conversation is not None
    answer = conversation.messages.get(role=Message.Role.ASSISTANT)
    access = access_to(rita, mine.item_id)
    corrections.correct(access, answer.pk, "Better")
    annotations.annotate(access, answer.pk, ["Long"], "")
    verdicts.submit(mine.pk, rita, mine.token, "good", {})
    for selection in (exported.selected(conversation), exported.selected_items(known)):
        (record,) = exported.lines_of(selection, format=Format.CONVERSATIONS)
        assert record["reviews"] == []
        assert not any(message["corrections"] or message["annotations"] for message in record["messages"])


def test_what_was_written_elsewhere_before_stays_in_exports(
    lena: User, rita: User, queue: Queue, owner: User
) -> None:
    known = review_factories.item(queue, owner)
    review_factories.item(queue, owner)
    assert known.conversation is not None
    answer = known.conversation.messages.get(role=Message.Role.ASSISTANT)
    other = review_factories.queue("Other")
    filling.add(other, known.conversation)
    there = review_factories.handed_out(rita, other)
    written = corrections.correct(access_to(rita, there.item_id), answer.pk, "Better")
    gold_items.make(known, lena, "flawed")
    mine = review_factories.handed_out(rita, queue)
    corrections.correct(access_to(rita, mine.item_id), answer.pk, "Best")
    assert written is not None
    written.refresh_from_db()
    assert (written.text, written.assignment) == ("Best", there)
