"""Who may see a conversation, and what it is called in sentences."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.utils import timezone

from tests.support import factories
from tests.support.people import consented, granted, in_group, staff
from vision_chat.models import (
    Assignment,
    Conversation,
    Message,
    Queue,
    QueueVersion,
    ReviewItem,
    Rubric,
    RubricVersion,
    UploadedImage,
)

pytestmark = [pytest.mark.django_db, pytest.mark.each_database]


@pytest.mark.parametrize("is_deleted", [False, True], ids=["kept", "deleted"])
@pytest.mark.parametrize(
    ("who", "may"), [("ann", True), ("stranger", False), ("nobody", False), ("admin", False)]
)
def test_visible_to_lets_in_nobody_but_the_owner(
    ann: User, stranger: User, who: str, may: bool, is_deleted: bool
) -> None:
    conversation = factories.conversation(ann)
    if is_deleted:
        conversation.deleted_at = timezone.now()
        conversation.save()
    admin = User.objects.create_superuser("somebody")
    people: dict[str, User | AnonymousUser] = {
        "ann": ann,
        "stranger": stranger,
        "nobody": AnonymousUser(),
        "admin": admin,
    }
    user = people[who]

    assert Conversation.objects.visible_to(user).exists() is (may and not is_deleted)


@pytest.mark.parametrize(
    ("title", "name"),
    [("Stairs", "Stairs"), ("", "Untitled conversation"), ("קבלה", "\u2068קבלה\u2069")],
)
def test_the_title_stands_in_sentences_and_leaves_their_direction(title: str, name: str) -> None:
    assert str(Conversation(title=title)) == name


CASES = ("own", "foreign", "granted", "expired", "in_review", "done", "skipped", "deleted")


def assign(reviewer: User, conversation: Conversation, state: str) -> Assignment:
    """Put the conversation into a queue of its own, and there into the hands of the reviewer."""
    version = RubricVersion.objects.default()
    queue = Queue.objects.create(name=f"{uuid.uuid4()}", rubric=Rubric.objects.get(pk=version.rubric_id))
    settings = QueueVersion.objects.create(queue=queue, number=1, rubric_version=version)
    item = ReviewItem.objects.create(
        queue=queue, version=settings, conversation=conversation, through_message_id=1
    )
    expires = timezone.now() + timedelta(minutes=30)
    return Assignment.objects.create(item=item, reviewer=reviewer, state=state, expires_at=expires)


def make_cases(person: User, owner: User) -> dict[str, Conversation]:
    made = {name: factories.conversation(person if name == "own" else owner, name) for name in CASES}
    granted(person, made["granted"])
    granted(person, made["expired"], minutes=-1)
    granted(person, made["deleted"])
    assign(person, made["in_review"], Assignment.State.ACTIVE)
    assign(person, made["done"], Assignment.State.DONE)
    assign(person, made["skipped"], Assignment.State.SKIPPED)
    made["deleted"].deleted_at = timezone.now()
    made["deleted"].save()
    return made


def without_right(person: User) -> User:
    person.is_staff = False
    person.save()
    return person


PEOPLE: dict[str, tuple[Callable[[], User], set[str]]] = {
    "stranger": (lambda: User.objects.create_user("zoe"), set()),
    "staff": (lambda: staff("zoe"), set()),
    "operator": (lambda: in_group("zoe", "Operators"), set()),
    "auditor": (lambda: in_group("zoe", "Auditors"), set()),
    "reviewer": (lambda: in_group("zoe", "Reviewers"), {"in_review", "done"}),
    "lead": (lambda: in_group("zoe", "Leads"), {"own", "granted"}),
    "superuser": (
        lambda: User.objects.create_superuser("zoe"),
        {"own", "granted", "in_review", "done"},
    ),
    "lead who is not of the staff any more": (lambda: without_right(in_group("zoe", "Leads")), set()),
}


@pytest.mark.parametrize("kind", PEOPLE)
def test_a_conversation_is_read_by_a_reason_or_an_assignment(kind: str) -> None:
    make, readable = PEOPLE[kind]
    person = make()
    made = make_cases(person, User.objects.create_user("ann"))

    assert {one.title for one in Conversation.objects.reviewable_by(person)} == readable
    rows = Conversation.objects.with_readability(person).filter(deleted_at=None)
    whole = readable - {"done"}
    assert {str(row) for row in rows if row.is_readable} == whole
    assert not any(row.title in str(row) for row in rows if not row.is_readable)
    assert {row.shown_title for row in rows} == whole | {""}  # type: ignore[attr-defined]  # annotated
    assert str(made["own"]) == "own"


def test_where_no_reason_is_asked_for_those_with_the_right_read_all(settings: Any) -> None:
    settings.VISION_CHAT = replace(settings.VISION_CHAT, reading_needs_reason=False)
    lead, auditor = in_group("zoe", "Leads"), in_group("max", "Auditors")
    make_cases(lead, User.objects.create_user("ann"))

    assert Conversation.objects.reviewable_by(lead).count() == len(CASES) - 1
    assert all(row.is_readable for row in Conversation.objects.with_readability(lead))
    assert not Conversation.objects.reviewable_by(auditor).exists()
    assert not Conversation.objects.reviewable_by(AnonymousUser()).exists()


CONSENTS: dict[str, tuple[set[str], float | None, set[str]]] = {
    "nobody": (set(), None, {"own"}),
    "reviewers": ({"granted", "in_review", "deleted"}, None, {"own", "granted", "in_review"}),
    "zoe": ({"granted"}, 60, {"own", "granted"}),
    "zoe until a moment ago": ({"granted"}, -1, {"own"}),
    "max": ({"granted"}, 60, {"own"}),
}
"""To whom owners consent: to read what, for how many minutes, and what zoe reads then."""


@pytest.mark.parametrize("to", CONSENTS)
@pytest.mark.parametrize("needs_reason", [True, False], ids=["reasons", "no reasons"])
def test_where_conversations_are_sealed_the_owner_must_consent_as_well(
    to: str, needs_reason: bool, settings: Any
) -> None:
    settings.VISION_CHAT = replace(
        settings.VISION_CHAT, seals_conversations=True, reading_needs_reason=needs_reason
    )
    people = {name: User.objects.create_superuser(name) for name in ("zoe", "max")}
    made = make_cases(people["zoe"], User.objects.create_user("ann"))
    opened, minutes, readable = CONSENTS[to]
    for case in opened:
        until = None if minutes is None else timezone.now() + timedelta(minutes=minutes)
        consented(made[case], people.get(to.partition(" ")[0]), until)

    zoe = people["zoe"]
    assert {one.title for one in Conversation.objects.reviewable_by(zoe)} == readable
    assert {one.title for one in Conversation.objects.reviewable_whole_by(zoe)} == readable
    rows = Conversation.objects.with_readability(zoe).filter(deleted_at=None)
    assert {row.shown_title for row in rows} == readable | {""}  # type: ignore[attr-defined]  # annotated


def test_where_conversations_are_sealed_what_was_judged_is_read_with_consent_alone(settings: Any) -> None:
    settings.VISION_CHAT = replace(settings.VISION_CHAT, seals_conversations=True)
    ann, zoe = User.objects.create_user("ann"), in_group("zoe", "Reviewers")
    reply = factories.turn(factories.conversation(ann))
    factories.attach(reply, factories.image(ann))
    assign(zoe, reply.conversation, Assignment.State.DONE)
    ReviewItem.objects.update(through_message_id=reply.pk)

    def read() -> tuple[bool, bool, bool]:
        return (
            Conversation.objects.reviewable_by(zoe).exists(),
            Message.objects.reviewable_by(zoe).exists(),
            UploadedImage.objects.visible_to(zoe).exists(),
        )

    assert read() == (False, False, False)
    consent = consented(reply.conversation)
    assert read() == (True, True, True)
    consent.delete()
    assert read() == (False, False, False)


def test_of_what_somebody_has_judged_they_read_what_they_have_judged_by() -> None:
    ann, zoe = User.objects.create_user("ann"), in_group("zoe", "Reviewers")
    stairs, made = factories.conversation(ann), {}
    for name in ("shown", "later"):
        made[name] = factories.turn(stairs, answer=name)
        factories.attach(made[name], factories.image(ann, name))
    mine = assign(zoe, stairs, Assignment.State.ACTIVE)
    ReviewItem.objects.update(through_message_id=made["shown"].pk)

    def read() -> tuple[set[str], set[str]]:
        answers = Message.objects.sent().reviewable_by(zoe).filter(role="assistant")
        images = UploadedImage.objects.visible_to(zoe)
        return set(answers.values_list("text", flat=True)), set(images.values_list("name", flat=True))

    assert read() == ({"shown", "later"}, {"shown", "later"})
    Assignment.objects.filter(pk=mine.pk).update(state=Assignment.State.DONE)
    assert read() == ({"shown"}, {"shown"})
    assert Conversation.objects.reviewable_by(zoe).exists()
    assert not Conversation.objects.reviewable_whole_by(zoe).exists()
    stairs.deleted_at = timezone.now()
    stairs.save()
    assert read() == (set(), set())


def test_an_image_is_seen_by_its_owner_and_by_those_who_read_a_conversation_that_shows_it() -> None:
    ann, lead = User.objects.create_user("ann"), in_group("zoe", "Leads")
    images = {name: factories.image(ann) for name in ("shown", "deleted", "waiting", "unsent", "elsewhere")}
    stairs = factories.conversation(ann)
    reply = factories.turn(stairs)
    factories.attach(reply, images["shown"])
    factories.attach(factories.turn(stairs), images["deleted"])
    Message.objects.filter(attachments__image=images["deleted"]).update(deleted_at=timezone.now())
    factories.waiting_for(reply, "And then?", images["waiting"])
    factories.attach(factories.turn(factories.conversation(ann)), images["elsewhere"])

    assert UploadedImage.objects.visible_to(ann).count() == len(images)
    assert not UploadedImage.objects.visible_to(lead).exists()
    grant = granted(lead, stairs)
    assert list(UploadedImage.objects.visible_to(lead)) == [images["shown"]]
    grant.until = timezone.now()
    grant.save()
    assert not UploadedImage.objects.visible_to(lead).exists()
    assert not UploadedImage.objects.visible_to(AnonymousUser()).exists()
