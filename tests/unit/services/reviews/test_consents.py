"""Consents of owners: asked for, given, refused, taken back, and written down."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from tests.support import factories
from tests.support import review_factories as made
from tests.support.people import consented, granted, in_group, staff
from tests.support.use_cases import call
from vision_chat.errors.reviews import AuditUnavailableError, ItemClosedError, ReasonNeededError
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import AuditEntry, Conversation, ReadConsent, ReadRequest, ReviewItem
from vision_chat.services.conversations.delete import delete, restore
from vision_chat.services.conversations.give_feedback import Details, give_feedback
from vision_chat.services.conversations.report import report
from vision_chat.services.review_queues import (
    filling,
    gold_items,
    handing_out,
    items,
    leases,
    readability,
)
from vision_chat.services.reviews import consents, grants
from vision_chat.services.reviews.exports import selections

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sealing(settings: Any) -> None:
    settings.VISION_CHAT = replace(settings.VISION_CHAT, seals_conversations=True)


@pytest.fixture
def stairs(ann: User) -> Conversation:
    return factories.turn(factories.conversation(ann, "Stairs")).conversation


@pytest.fixture
def lead() -> User:
    return in_group("zoe", "Leads")


def may_read(person: User, conversation: Conversation) -> bool:
    return Conversation.objects.reviewable_by(person).filter(pk=conversation.pk).exists()


def written_down() -> list[str]:
    return list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True))


def test_a_request_that_the_owner_allows_lets_the_lead_alone_read_for_a_while(
    ann: User, stairs: Conversation, lead: User
) -> None:
    other, superuser = in_group("max", "Leads"), User.objects.create_superuser("root")
    with pytest.raises(PermissionDenied):
        grants.give(superuser, stairs, "I want to know.")
    request = consents.ask(lead, stairs, "  Ann asked   me. ")
    assert not may_read(lead, stairs)
    assert [each.reason for each in consents.open_requests(ann)] == ["Ann asked me."]

    consents.allow(ann, request.pk)

    assert may_read(lead, stairs)
    assert not may_read(other, stairs)
    assert not may_read(superuser, stairs)
    assert not consents.open_requests(ann)
    current = grants.current(lead, stairs)
    assert current is not None
    assert (current.reason, current.until) == ("Ann asked me.", ReadConsent.objects.get().until)
    assert written_down() == ["asked", "consented", "granted", "opened"]
    entry = AuditEntry.objects.get(action="consented")
    assert (entry.actor_id, entry.details["person"]) == (ann.pk, lead.pk)
    ReadConsent.objects.update(until=timezone.now())
    assert not may_read(lead, stairs)
    assert not consents.opened_by(ann)


def test_what_is_refused_stays_closed_and_may_be_asked_again(
    ann: User, stairs: Conversation, lead: User
) -> None:
    request = consents.ask(lead, stairs, "Ann asked me.")
    assert consents.ask(lead, stairs, "It is urgent.") == request
    consents.refuse(ann, request.pk)

    assert not may_read(lead, stairs)
    for answer in (consents.allow, consents.refuse):
        with pytest.raises(NotFoundError):
            answer(ann, request.pk)
    assert consents.ask(lead, stairs, "It is urgent.") != request
    assert written_down() == ["asked", "asked", "refused", "asked"]
    latest = consents.latest_request(lead, stairs)
    assert latest is not None
    assert not latest.answer


def test_what_was_allowed_and_taken_back_is_told_apart_from_what_ended(
    ann: User, stairs: Conversation, lead: User
) -> None:
    request = consents.ask(lead, stairs, "Ann asked me.")
    consents.allow(ann, request.pk)
    request.refresh_from_db()
    assert consents.taken_back_at(request) is None

    consents.take_back(ann, stairs.pk)

    assert consents.taken_back_at(request) == AuditEntry.objects.get(action="took_back").at


def test_nobody_asks_without_the_right_or_a_reason_and_nobody_answers_for_others(
    ann: User, stranger: User, stairs: Conversation, lead: User
) -> None:
    for person in (ann, staff("clerk"), in_group("rose", "Reviewers")):
        with pytest.raises(PermissionDenied):
            consents.ask(person, stairs, "Ann asked me.")
    with pytest.raises(ReasonNeededError):
        consents.ask(lead, stairs, "why")
    request = consents.ask(lead, stairs, "Ann asked me.")
    for person in (stranger, lead):
        with pytest.raises(NotFoundError):
            consents.allow(person, request.pk)
        for act in (consents.give, consents.take_back, consents.openness_of):
            with pytest.raises(NotFoundError):
                act(person, stairs.pk)
    lead.groups.clear()
    consents.allow(ann, request.pk)
    assert not ReadConsent.objects.exists()
    assert not may_read(lead, stairs)
    assert written_down() == ["asked", "consented"]
    assert AuditEntry.objects.get(action="consented").details == {"person": lead.pk, "request": request.pk}


def test_an_owner_lets_reviewers_read_and_ends_all_reading_at_once(
    ann: User, stairs: Conversation, lead: User
) -> None:
    consents.ask(lead, stairs, "Ann asked me.")
    rita, queue = made.reviewer("rita"), made.queue()
    assert filling.add(queue, stairs) is None

    consents.give(ann, stairs.pk)
    consents.give(ann, stairs.pk)

    assert may_read(lead, stairs)  # who has asked has given a reason
    assert written_down() == ["asked", "consented", "granted", "opened"]
    item = filling.add(queue, stairs)
    assert item is not None
    held = made.handed_out(rita, queue)
    exported = selections.of_person(lead)
    assert may_read(rita, stairs)
    assert exported().conversations.exists()
    assert selections.of_server()().conversations.exists()

    consents.take_back(ann, stairs.pk)
    consents.take_back(ann, stairs.pk)

    assert not may_read(lead, stairs)
    assert not may_read(rita, stairs)
    assert not exported().conversations.exists()
    assert not selections.of_server()().conversations.exists()
    assert handing_out.next_item(rita, queue) is None
    with pytest.raises(ItemClosedError):
        leases.renew(held.pk, rita, held.token)
    item.refresh_from_db()
    assert (item.state, item.closed_for) == ("closed", "sealed")
    assert items.reopen(item).state == "closed"
    assert written_down().count("took_back") == 1

    consents.give(ann, stairs.pk)

    assert not may_read(lead, stairs)  # the time that was left is not given back
    assert made.handed_out(rita, queue) == held
    assert may_read(rita, stairs)


@pytest.mark.parametrize("is_consented", [False, True], ids=["sealed", "consented"])
def test_what_is_deleted_and_restored_is_as_open_as_its_owner_says(
    ann: User, stairs: Conversation, is_consented: bool
) -> None:
    consents.give(ann, stairs.pk)
    item = filling.add(made.queue(), stairs)
    assert item is not None
    call(ann, delete, stairs.pk)
    with pytest.raises(NotFoundError):
        consents.take_back(ann, stairs.pk)
    if not is_consented:
        ReadConsent.objects.all().delete()
    call(ann, restore, stairs.pk)

    item.refresh_from_db()
    assert item.closed_for == ("" if is_consented else "sealed")


SAID: dict[str, tuple[Callable[[User, Conversation], None], bool]] = {
    "a report": (lambda ann, stairs: call(ann, report, stairs.pk, "broken", ""), True),
    "a bad answer": (
        lambda ann, stairs: call(ann, give_feedback, answer_of(stairs), "bad", Details()),
        False,
    ),
    "a bad answer that lets read": (
        lambda ann, stairs: call(ann, give_feedback, answer_of(stairs), "bad", Details(lets_read=True)),
        True,
    ),
    "a good answer, of which nobody is asked": (
        lambda ann, stairs: call(ann, give_feedback, answer_of(stairs), "good", Details(lets_read=True)),
        False,
    ),
}


def answer_of(conversation: Conversation) -> int:
    return conversation.messages.get(role="assistant").pk


@pytest.mark.parametrize("what", SAID)
def test_a_report_opens_the_conversation_and_a_mark_only_where_its_owner_says_so(
    ann: User, stairs: Conversation, what: str
) -> None:
    say, opens = SAID[what]
    say(ann, stairs)

    assert Conversation.objects.unsealed().exists() is opens
    assert written_down() == (["consented"] if opens else [])


@pytest.mark.parametrize("kind", ["report", "bad_answer", "words"])
def test_rules_find_what_is_open_and_nothing_else(ann: User, stairs: Conversation, kind: str) -> None:
    queue = made.queue()
    rule = queue.rules.create(kind=kind, value="staircase", since=stairs.created_at)
    factories.index(stairs)
    stairs.reports.create(person=ann, reason="other")
    stairs.messages.get(role="assistant").feedback.create(person=ann, mark="bad")
    assert filling.fill(queue) == filling.count(rule, "conversation") == 0
    consented(stairs)
    assert filling.count(rule, "conversation") == 1
    # what is said of it is found later too, and what it says with its next turn
    if kind == "words":
        factories.turn(stairs, "Another staircase?")
        factories.index(stairs)
    assert filling.fill(queue) == 1


def test_what_the_site_begins_or_ceases_to_seal_is_closed_or_opened(
    ann: User, stairs: Conversation, lead: User, settings: Any
) -> None:
    open_one = factories.turn(factories.conversation(ann)).conversation
    settings.VISION_CHAT = replace(settings.VISION_CHAT, seals_conversations=False)
    queue, rita = made.queue(), made.reviewer("rita")
    for conversation in (stairs, open_one):
        filling.add(queue, conversation)
    by_hand = made.item(queue, ann)
    items.close(by_hand)
    gold_items.make(by_hand, lead, "good")
    consents.give(ann, open_one.pk)
    assert not ReadConsent.objects.exists()  # none is needed
    settings.VISION_CHAT = replace(settings.VISION_CHAT, seals_conversations=True)
    consents.give(ann, open_one.pk)
    assert made.handed_out(rita, queue).item.conversation == open_one
    readability.settle_seals()
    closed = set(ReviewItem.every.filter(state="closed").values_list("conversation", "closed_for", "gold_of"))
    assert closed == {
        (stairs.pk, "sealed", None),
        (by_hand.conversation_id, "by_hand", None),
        (by_hand.conversation_id, "sealed", by_hand.pk),
    }
    assert readability.settle_seals() == 0
    settings.VISION_CHAT = replace(settings.VISION_CHAT, seals_conversations=False)
    assert (readability.settle_seals(), readability.settle_seals()) == (2, 0)
    assert ReviewItem.every.get(state="closed") == by_hand


def test_nothing_is_allowed_that_cannot_be_written_down(ann: User, stairs: Conversation, lead: User) -> None:
    request = consents.ask(lead, stairs, "Ann asked me.")
    granted(lead, stairs)
    with factories.without_table("vision_chat_auditentry"):
        for act in (
            lambda: consents.allow(ann, request.pk),
            lambda: consents.give(ann, stairs.pk),
            lambda: call(ann, report, stairs.pk, "broken", ""),
        ):
            with pytest.raises(AuditUnavailableError):
                act()

    assert not ReadConsent.objects.exists()
    assert not may_read(lead, stairs)
    assert ReadRequest.objects.get().answer == ""


def test_one_reason_for_several_asks_the_owners_of_those_that_are_sealed_once(
    ann: User, stairs: Conversation, lead: User
) -> None:
    ladder = factories.turn(factories.conversation(ann, "Ladder")).conversation
    consented(ladder)

    answer = consents.give_each(lead, [stairs, ladder], "To train on it")
    assert (answer.readable, answer.asked) == (1, [stairs])
    assert (may_read(lead, ladder), may_read(lead, stairs)) == (True, False)
    again = consents.give_each(lead, [stairs], "To train on it again")
    assert (again.readable, again.asked) == (0, [])
    assert ReadRequest.objects.get().reason == "To train on it"
