"""Verdicts of moderation models are shown to those who review, in blind queues after their own."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.support import exported, factories, review_factories
from tests.support.people import in_group, signed_in
from vision_chat.models import Conversation, ModerationVerdict, ReviewItem
from vision_chat.models.moderation import joined_codes
from vision_chat.services.review_queues import verdicts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reading_without_reasons")]


def judged(conversation: Conversation, outcome: str = "unsafe", **values: object) -> None:
    assert conversation.leaf
    ModerationVerdict.objects.create(
        generation=conversation.leaf.generations.get(), model_name="guard/vision", outcome=outcome, **values
    )


def texts(client: Client, item: ReviewItem) -> list[str]:
    """The page of the conversation, and that of the item."""
    addresses = (
        reverse("admin:vision_chat_conversation_change", args=[item.conversation_id]),
        reverse("admin:vision_chat_reviewitem_review", args=[item.pk]),
    )
    return [" ".join(client.get(address).content.decode().split()) for address in addresses]


def test_a_verdict_stands_folded_at_its_answer_and_is_no_review(chief_client: Client, owner: User) -> None:
    stairs = factories.conversation(owner)
    factories.turn(stairs)
    judged(stairs, categories=joined_codes(["S4", "S10"]), is_without_images=True)
    (text, *_) = texts(chief_client, ReviewItem(pk=0, conversation=stairs))

    shown = next(part for part in text.split("<details") if "data-moderation" in part).split("</details>")[0]
    assert "Verdict of a moderation model" in shown
    assert all(word in shown for word in ("Unsafe", "guard/vision", "Child sexual exploitation", "Hate"))
    assert "The model did not get all pictures of this turn." in shown
    assert "open" not in shown.split(">")[0]
    assert not stairs.reviews.exists()


def test_what_is_outstanding_is_not_shown_and_no_verdict_says_why(chief_client: Client, owner: User) -> None:
    stairs, steps = factories.conversation(owner), factories.conversation(owner)
    for conversation in (stairs, steps):
        factories.turn(conversation)
    judged(stairs, "outstanding")
    judged(steps, "none", reason="unreadable")

    (outstanding, *_), (none, *_) = (
        texts(chief_client, ReviewItem(pk=0, conversation=each)) for each in (stairs, steps)
    )
    assert "data-moderation" not in outstanding
    assert "No verdict" in none
    assert "The model’s answer is no verdict." in none


def test_in_a_blind_queue_it_is_seen_after_ones_own_verdict(owner: User) -> None:
    rita = review_factories.reviewer("rita", "view_conversation")
    lead = in_group("lena", "Leads")
    queue = review_factories.queue()
    item = review_factories.item(queue, owner)
    assert item.conversation
    judged(item.conversation)
    blind, seeing = signed_in(rita), signed_in(lead)

    def seen(client: Client) -> list[bool]:
        return ["data-moderation" in text for text in texts(client, item)]

    held = review_factories.handed_out(rita, queue)
    assert (seen(blind), seen(seeing)[0]) == ([False, False], True)
    verdicts.submit(held.pk, rita, held.token, "good", {}, "")
    assert seen(blind) == [True, True]


def test_an_export_has_it_as_metadata(owner: User) -> None:
    stairs = factories.conversation(owner)
    factories.turn(stairs)
    judged(stairs, categories=",S1,")
    [line] = exported.lines_of(exported.selected(stairs))

    question, answer = line["metadata"]["messages"]
    [said] = answer["moderation"]
    assert (said["verdict"], said["categories"], said["model_name"]) == ("unsafe", ["S1"], "guard/vision")
    assert question["moderation"] == []
