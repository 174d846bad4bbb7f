import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from tests.support import factories
from tests.support.people import granted, in_group, signed_in
from vision_chat.models import AuditEntry, Conversation, ConversationFigures, Feedback, Report
from vision_chat.services.figures import kept as figures


@pytest.fixture
def stairs(owner: User) -> Conversation:
    stairs = factories.conversation(owner)
    first = factories.turn(stairs, answer="About twenty.")
    assert first.parent
    factories.reply(first.parent, "A ladder.")  # the first one is replaced now
    Feedback.objects.create(
        person=owner, message=first, mark="bad", reasons=["wrong", "picture"], comment="There are **thirty**."
    )
    Report.objects.create(person=owner, conversation=stairs, reason="private", comment="A face.")
    figures.update(stairs.pk)
    return stairs


@pytest.fixture
def lead(db: None) -> User:
    return in_group("lead", "Leads")


def page(conversation: Conversation) -> str:
    return reverse("admin:vision_chat_conversation_change", args=[conversation.pk])


def looked_at() -> str:
    return reverse("admin:vision_chat_conversation_looked_at", args=[Report.objects.get().pk])


def test_what_people_said_stands_beside_the_answers_and_reports_above_them(
    lead: User, stairs: Conversation
) -> None:
    granted(lead, stairs)
    text = " ".join(signed_in(lead).get(page(stairs)).content.decode().split())

    for shown in ("Bad answer", "Not correct", "Misread the picture", "There are **thirty**."):
        assert shown in text
    assert text.index("A face.") < text.index("There are **thirty**.")
    assert "Mark as looked at" in text
    assert "Nobody has reviewed this conversation yet." in text


def test_a_report_is_marked_as_looked_at_once_and_that_is_in_the_log(
    lead: User, stairs: Conversation
) -> None:
    granted(lead, stairs)
    client = signed_in(lead)
    for _ in range(2):
        assert client.post(looked_at(), {"next": f"{page(stairs)}?x=1"})["Location"] == f"{page(stairs)}?x=1"
    away = client.post(looked_at(), {"next": "https://elsewhere.example/"})

    report = Report.objects.get()
    assert report.handled_at is not None
    assert away["Location"] == page(stairs)
    entries = AuditEntry.objects.filter(action="reviewed", conversation_id=stairs.pk)
    assert [entry.details for entry in entries] == [{"report": report.pk}]
    assert ConversationFigures.objects.get(pk=stairs.pk).open_report_count == 0
    assert "Looked at on" in " ".join(client.get(page(stairs)).content.decode().split())


def test_only_those_who_may_read_the_conversation_and_review_close_a_report(
    lead: User, owner: User, stairs: Conversation
) -> None:
    assert signed_in(lead).post(looked_at()).status_code == 404  # without a reason given
    auditor = in_group("auditor", "Auditors")
    granted(auditor, stairs)
    assert signed_in(auditor).post(looked_at()).status_code == 403
    assert signed_in(owner).post(looked_at()).status_code == 302  # to the sign-in of the admin
    granted(lead, stairs)
    assert signed_in(lead).get(looked_at()).status_code == 405

    assert Report.objects.get().handled_at is None
