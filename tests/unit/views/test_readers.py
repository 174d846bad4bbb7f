"""Who may read a sealed conversation, as its owner says in the chat and on the account page."""

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.support import factories
from tests.support.client import Browser
from tests.support.people import in_group, signed_in
from vision_chat.models import Conversation, ReadConsent, ReadRequest
from vision_chat.services.reviews import consents

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sealing(settings: Any) -> None:
    settings.VISION_CHAT = replace(settings.VISION_CHAT, seals_conversations=True)


@pytest.fixture
def lead() -> User:
    return in_group("zoe", "Leads")


@pytest.fixture
def stairs(ann: User) -> Conversation:
    return factories.turn(factories.conversation(ann, "Stairs")).conversation


@pytest.fixture
def own(ann: User) -> Client:
    return signed_in(ann)


def test_an_owner_answers_on_the_account_page_and_takes_that_back(
    own: Client, stairs: Conversation, lead: User
) -> None:
    request = consents.ask(lead, stairs, "Ann asked <me>.")
    shown = own.get("/account/").content.decode()
    assert "Ann asked &lt;me&gt;." in shown
    answer = {"section": "readers", "request": request.pk, "answer": "allow"}
    page = own.post("/account/", answer, follow=True).content.decode()
    assert "The time to read has begun." in page
    assert "By zoe, until" in page
    assert "answered already" in own.post("/account/", answer, follow=True).content.decode()

    back = {"section": "readers", "conversation": stairs.pk, "answer": "take-back"}
    page = own.post("/account/", back, follow=True).content.decode()
    assert "Nobody else reads this conversation any more." in page
    assert "By zoe, until" not in page
    assert not Conversation.objects.reviewable_by(lead).exists()


def test_an_owner_lets_reviewers_read_one_conversation_from_the_chat(
    own: Client, stairs: Conversation
) -> None:
    path = f"/c/{stairs.pk}/readers/"
    assert "Nobody else may read this conversation." in own.get(path).content.decode()
    given = own.post(path, {"conversation": stairs.pk, "answer": "give"}).content.decode()
    assert "Reviewers of this site may read this conversation." in given
    assert ReadConsent.objects.get().conversation == stairs
    own.post(path, {"conversation": stairs.pk, "answer": "take-back"})
    assert not ReadConsent.objects.exists()


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"answer": "allow"},
        {"answer": "allow", "request": "9" * 30},
        {"answer": "give", "conversation": "1"},
    ],
    ids=str,
)
def test_an_answer_that_makes_no_sense_changes_nothing(
    own: Client, stairs: Conversation, answer: dict[str, str]
) -> None:
    assert own.post(f"/c/{stairs.pk}/readers/", answer).status_code == 404
    assert (
        "answered already"
        in own.post("/account/", answer | {"section": "readers"}, follow=True).content.decode()
    )


def test_nobody_else_learns_or_says_who_may_read(stairs: Conversation, lead: User) -> None:
    request = consents.ask(lead, stairs, "Ann asked me.")
    root = User.objects.create_superuser("root")
    for person in (lead, root, User.objects.create_user("max")):
        other, path = signed_in(person), f"/c/{stairs.pk}/readers/"
        assert other.get(path).status_code == 404
        assert other.post(path, {"request": request.pk, "answer": "allow"}).status_code == 404
    assert not ReadConsent.objects.exists()
    assert ReadRequest.objects.get().answer == ""


def test_the_chat_says_that_somebody_asks_and_the_panel_of_a_bad_answer_lets_reviewers_read(
    browser: Browser, stairs: Conversation, lead: User
) -> None:
    topbar, feedback = f"/c/{stairs.pk}/topbar/", f"/messages/{stairs.leaf_id}/feedback/"
    socket = browser.socket()
    assert "data-read-requests" not in browser.get(topbar).content.decode()
    consents.ask(lead, stairs, "Ann asked me.")
    assert "zoe asks to read “Stairs”." in browser.get(topbar).content.decode()
    assert "lets_read" in browser.get(f"{feedback}panel/").content.decode()

    browser.post(feedback, data={"mark": "bad", "comment": "", "lets_read": "on"})

    assert ReadConsent.objects.get().reader is None
    assert "lets_read" not in browser.get(f"{feedback}panel/").content.decode()
    browser.post(f"/c/{stairs.pk}/readers/", data={"conversation": str(stairs.pk), "answer": "take-back"})
    socket.wait_for("conversation.changed", conversation_id=str(stairs.pk))
    browser.post(f"/c/{stairs.pk}/report/", data={"reason": "other"})
    assert ReadConsent.objects.get().reader is None


def test_a_site_that_seals_nothing_has_none_of_it(own: Client, stairs: Conversation, settings: Any) -> None:
    settings.VISION_CHAT = replace(settings.VISION_CHAT, seals_conversations=False)
    assert own.get(f"/c/{stairs.pk}/readers/").status_code == 404
    assert "allow it" not in own.get("/account/").content.decode()
    assert "readers-dialog" not in own.get("/dialogs/").content.decode()
    assert "lets_read" not in own.get(f"/messages/{stairs.leaf_id}/feedback/panel/").content.decode()
