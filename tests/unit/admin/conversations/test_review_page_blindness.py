"""Verdicts of a blind queue are seen by its reviewers after their own, on every page and list."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.support import review_factories
from tests.support.people import signed_in
from vision_chat.models import Annotation, Review
from vision_chat.services.review_queues import resolutions, verdicts
from vision_chat.services.reviews.annotations import suggested_labels
from vision_chat.services.reviews.item_access import ItemAccess

pytestmark = [pytest.mark.each_database, pytest.mark.usefixtures("reading_without_reasons")]

INDEX = reverse("admin:index")
LIST = reverse("admin:vision_chat_conversation_changelist")


def test_pages_and_lists_show_a_blind_reviewer_no_verdict_of_others_before_their_own(owner: User) -> None:
    rita, rob = (review_factories.reviewer(name, "view_conversation") for name in ("rita", "rob"))
    lead = review_factories.reviewer("lena", "view_conversation", "resolve_reviewitem")
    queue = review_factories.queue(reviewers_per_item=2)
    item = review_factories.item(queue, owner)
    page = reverse("admin:vision_chat_conversation_change", args=[item.conversation_id])

    def judge(person: User) -> None:
        held = review_factories.handed_out(person, queue)
        verdicts.submit(held.pk, person, held.token, "harmful", {}, "A secret note")

    def notes(client: Client) -> int:
        return client.get(page).content.decode().count("A secret note")

    def has_latest(client: Client) -> bool:
        return bool(client.get(INDEX).context["latest_reviews"])

    judge(rita)
    blind, seeing = signed_in(rob), signed_in(lead)
    assert (notes(blind), notes(seeing)) == (0, 1)
    assert (has_latest(blind), has_latest(seeing)) == (False, True)
    assert 'data-verdict="harmful"' not in blind.get(INDEX).content.decode()

    judge(rob)
    assert notes(blind) == 2
    assert has_latest(blind)
    assert 'data-verdict="harmful"' not in blind.get(LIST).content.decode()
    assert 'data-verdict="harmful"' in seeing.get(LIST).content.decode()
    for query in ("verdict", "figures__verdict"):
        assert blind.get(LIST, {query: "harmful"}).status_code in {302, 400}
    assert len(seeing.get(LIST, {"verdict": "harmful"}).context["cl"].result_list) == 1


def test_a_decision_is_seen_where_the_verdicts_are(owner: User) -> None:
    rita, rob, ruth = (
        review_factories.reviewer(name, "view_conversation") for name in ("rita", "rob", "ruth")
    )
    lead = review_factories.reviewer("lena", "view_conversation", "resolve_reviewitem")
    queue = review_factories.queue(reviewers_per_item=2)
    item = review_factories.item(queue, owner)
    for person, verdict in ((rita, "harmful"), (rob, "good")):
        held = review_factories.handed_out(person, queue)
        verdicts.submit(held.pk, person, held.token, verdict, {})
    resolutions.resolve(item.pk, lead, "flawed", "A secret note")
    page = reverse("admin:vision_chat_conversation_change", args=[item.conversation_id])

    def shown(person: User) -> tuple[int, int, bool]:
        text = signed_in(person).get(page).content.decode()
        return text.count("data-decision"), text.count("A secret note"), "Nobody has reviewed" in text

    assert shown(ruth) == (0, 0, True)
    assert shown(rita) == shown(lead) == (1, 1, False)
    Review.objects.all().delete()
    assert shown(lead) == (1, 1, False)


def test_results_are_not_for_those_who_are_blind(db: None) -> None:
    queue = review_factories.queue()
    results = reverse("admin:vision_chat_queue_results", args=[queue.pk])
    rights = ("view_queue", "view_reviewitem")

    assert signed_in(review_factories.reviewer("rob", *rights)).get(results).status_code == 403
    lead = review_factories.reviewer("lena", *rights, "resolve_reviewitem")
    assert signed_in(lead).get(results).status_code == 200


def test_labels_that_others_have_set_in_the_conversation_are_not_suggested(owner: User) -> None:
    rita, rob = review_factories.reviewer("rita"), review_factories.reviewer("rob")
    queue = review_factories.queue(reviewers_per_item=2)
    here, there = review_factories.items(queue, owner, 2)
    for item, person, label in ((here, rita, "secret"), (there, rita, "usual"), (here, rob, "own")):
        assert item.conversation
        assert item.conversation.leaf
        held, _ = item.assignments.get_or_create(reviewer=person, expires_at=item.created_at)
        Annotation.objects.create(
            message=item.conversation.leaf, author=person, assignment=held, labels=[label]
        )

    assert set(suggested_labels(ItemAccess(rob, here, None))) == {"usual", "own"}
